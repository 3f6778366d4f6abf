import { defineError } from '../../../common/core/index.ts';

export const unknownOverride = defineError(
  'decision.unknown-override',
  'Override the threshold of a `score`, `reconstruction` or `binary` target, or the costs of a `binary` or `classes` one, with a cost for each of its labels.',
  { exit: 2 },
);

export const outputMismatch = defineError(
  'decision.output-mismatch',
  "Make the manifest's `outputs` agree with the model: the tensor's name, and one column per label.",
  { exit: 2 },
);

export const outputContradicted = defineError(
  'decision.output-contradicted',
  "Make the manifest's `outputs` say what the model itself says of these rows: the order of `labels`, `activation`, or the side of anomalies.",
  { exit: 2 },
);

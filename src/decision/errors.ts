import { defineError } from '../core/index.ts';

export const unknownOverride = defineError(
  'decision.unknown-override',
  "Override only the threshold of a target that the model's manifest gives one: kind `score` or `binary`.",
  { exit: 2 },
);

export const outputMismatch = defineError(
  'decision.output-mismatch',
  "Make the manifest's `outputs` agree with the model: the tensor's name, and one column per label.",
  { exit: 2 },
);

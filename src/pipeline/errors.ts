import { defineError } from '../core/index.ts';

export const manifestInvalid = defineError(
  'pipeline.manifest-invalid',
  'Mend manifest.json and run `edgewright model pack FOLDER`.',
  { exit: 2 },
);
export const profileInvalid = defineError(
  'pipeline.profile-invalid',
  'Write the reference profile again with the training script of the bundle.',
  { exit: 2 },
);
export const bindingInvalid = defineError(
  'pipeline.binding-invalid',
  'Bind tags of the model (left) to tags of the source (right) under `tags`.',
  { exit: 2 },
);
export const overrideInvalid = defineError(
  'pipeline.override-invalid',
  'Override only thresholds of targets that the manifest declares.',
  { exit: 2 },
);

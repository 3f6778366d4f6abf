import { defineError } from '../../../common/core/index.ts';

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

export const explanationImpossible = defineError(
  'pipeline.explanation-impossible',
  'Mend `explanation` in manifest.json: a target and tags that the model has, few enough groups, references in profile.json; or leave it out.',
  { exit: 2 },
);

export const labelsContradicted = defineError(
  'pipeline.labels-contradicted',
  "Write the labels of manifest.json as the model's file has its classes, in their order: `edgewright model inspect` lists them.",
  { exit: 2 },
);

export const readingsDiffer = defineError(
  'pipeline.golden-readings-differ',
  'What the bundle makes of its golden readings is not what its maker recorded: compare the order and the units of tags, window, features, scaling and labels in manifest.json, and `tolerance` in golden.json.',
);

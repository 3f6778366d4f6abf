import { defineError } from '../core/index.ts';

export const binsDiffer = defineError(
  'profile.bins-differ',
  'Merge only what was counted against the same reference profile: the same model digest and feature-spec digest.',
);

import { defineError } from '../../common/core/index.ts';

export const windowTooLarge = defineError(
  'windows.too-large',
  'Raise the limit of readings per asset (`limits.readings`), or take a model with a shorter window.',
  { exit: 2 },
);

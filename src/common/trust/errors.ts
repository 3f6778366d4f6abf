import { defineError } from '../core/index.ts';

export const digestInvalid = defineError(
  'trust.digest-invalid',
  'Give the folder of a bundle: regular files with plain names, each once, and at least one.',
  { exit: 2 },
);

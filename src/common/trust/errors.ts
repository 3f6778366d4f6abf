import { defineError } from '../core/index.ts';

/** A list of files has no digest: it is empty, or has names or digests that cannot be in a bundle. */
export const digestInvalid = defineError(
  'trust.digest-invalid',
  'Give the folder of a bundle: regular files with plain names, each once, and at least one.',
  { exit: 2 },
);

import { defineError } from '../../common/core/index.ts';

/** The support bundle cannot be written. */
export const bundleNotWritten = defineError(
  'support.not-written',
  'Name a file in a folder that this user may write to: --out FILE.tar.gz.',
);

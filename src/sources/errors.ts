import { defineError } from '../core/index.ts';

export const fileMissing = defineError('sources.file-missing', 'Check the path; it is relative to the configuration.', {
  exit: 2,
});
export const tagFileMissing = defineError(
  'sources.tag-file-missing',
  'Put TAG.txt or TAG.txt.gz for every declared tag into the folder, or take the tag out of the list.',
  { exit: 2 },
);
export const noFiles = defineError(
  'sources.no-files',
  'The folder holds no file that fits; see the key "match" of the source.',
  { exit: 2 },
);
export const badHeader = defineError(
  'sources.bad-header',
  'Declare the columns as they stand in the file (columns, separator, header).',
  { exit: 2 },
);
export const badPosition = defineError(
  'sources.bad-position',
  'The stored position is not one that this source wrote; the source begins anew.',
);

import { defineError } from '../../common/core/index.ts';

export const fileUnreadable = defineError(
  'sources.file-unreadable',
  'Check that it exists and may be read; a relative path starts at the folder of the configuration.',
  { exit: 2 },
);
export const tagFileMissing = defineError(
  'sources.tag-file-missing',
  'Put TAG.txt or TAG.txt.gz for every declared tag into the folder, or take the tag out of the list.',
  { exit: 2 },
);
export const noBroker = defineError(
  'sources.no-broker',
  'Give the source the url of its broker, or the gateway an uplink whose broker it can use.',
  { exit: 2 },
);
export const noFiles = defineError(
  'sources.no-files',
  'No file of the folder fits; see the key "match" of the source.',
  { exit: 2 },
);
export const badLayout = defineError(
  'sources.bad-layout',
  'Declare the file as it is: format, columns, header, separator, asset, time, tags.',
  { exit: 2 },
);

import { defineError } from '../core/index.ts';

/** The configuration file is not there, or cannot be read. */
export const configMissing = defineError(
  'config.missing',
  'Give the path of a configuration file; device-config/ has examples.',
  { exit: 2 },
);
/** The configuration file is larger than any that a person writes. */
export const configTooLarge = defineError(
  'config.too-large',
  'Give the path of a configuration file; what it names (data, models) stays in files of its own.',
  { exit: 2 },
);
/** The configuration has problems, and the command cannot go on without it. */
export const configInvalid = defineError(
  'config.invalid',
  'Run `edgewright check CONFIG` to see every problem at once.',
  { exit: 2 },
);

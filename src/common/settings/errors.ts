import { defineError } from '../core/index.ts';

export const configMissing = defineError(
  'config.missing',
  'Give the path of a configuration file; device-config/ has examples.',
  { exit: 2 },
);
export const configTooLarge = defineError(
  'config.too-large',
  'Give the path of a configuration file; what it names (data, models) stays in files of its own.',
  { exit: 2 },
);
export const configInvalid = defineError(
  'config.invalid',
  'Run `edgewright check CONFIG` to see every problem at once.',
  { exit: 2 },
);

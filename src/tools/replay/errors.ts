import { defineError } from '../../common/core/index.ts';

export const inputInvalid = defineError(
  'replay.input-invalid',
  'Give `--input PATH` for the one file source of the configuration, or `--input NAME=PATH` for each of several.',
  { exit: 2 },
);

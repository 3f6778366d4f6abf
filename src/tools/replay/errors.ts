import { defineError } from '../../common/core/index.ts';

/** `--input` names no recording, or does not say which source it is for. */
export const inputInvalid = defineError(
  'replay.input-invalid',
  'Give `--input PATH` for the one file source of the configuration, or `--input NAME=PATH` for each of several; each recording once.',
  { exit: 2 },
);

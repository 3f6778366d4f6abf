import { defineError } from '../../common/core/index.ts';

/** The broker of a follower does not answer in time, or refuses it. */
export const unreachable = defineError(
  'operator.broker-unreachable',
  'Check that the broker runs, its address and port, user name and password, and the network between.',
  { retry: true },
);

import { defineError } from '../../common/core/index.ts';

export const unreachable = defineError(
  'operator.broker-unreachable',
  'Check that the broker runs, its address and port, user name and password, and the network between.',
  { retry: true },
);

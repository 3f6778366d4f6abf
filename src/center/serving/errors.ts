import { defineError } from '../../common/core/index.ts';

/** Thrown by `indexBundles`: a folder of bundles cannot be served as it is. */
export const notServable = defineError(
  'serving.not-servable',
  'Give a folder with bundles that this user may read: regular files, and no more of them than the limits say.',
  { exit: 2 },
);
/** Thrown by `BlobService.start`: the broker does not answer, or refuses the subscription to blob/get. */
export const unreachable = defineError(
  'serving.broker-unreachable',
  'Check that the broker runs, and that it lets this client subscribe to blob/get and publish on blob/data.',
  { retry: true },
);

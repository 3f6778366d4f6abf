import { defineError } from '../../common/core/index.ts';

/** Thrown by `BlobStore.open` and by what a store does: the folder or the disk below it does not work. */
export const failed = defineError(
  'blobs.failed',
  'Look at the folder of deployment.path: it must be this user’s, and its disk must work.',
  { retry: true },
);
/** Thrown where a blob has no room: under `deployment.max`, or on the disk above `outbox.freeFloor`. */
export const noRoom = defineError(
  'blobs.no-room',
  'Raise deployment.max, make room on the disk, or deploy a smaller model.',
  { retry: true },
);

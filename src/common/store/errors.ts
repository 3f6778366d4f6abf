import { defineError } from '../core/index.ts';

export const locked = defineError(
  'store.locked',
  'Stop the other process, or give this gateway a folder of its own (outbox.path).',
);
export const full = defineError(
  'store.full',
  'Free space on the disk of the outbox; the gateway goes on by itself once there is some.',
  { retry: true },
);
export const unwritable = defineError(
  'store.unwritable',
  'Let the user of the gateway write to the folder and its files, and mount the file system read-write.',
);
export const notADatabase = defineError(
  'store.not-a-database',
  'Move the file away, or name another folder (outbox.path); the gateway creates its own file.',
);
export const newerSchema = defineError(
  'store.newer-schema',
  'A newer version of edgewright wrote this file, and it was left as it is: run that version again, or have it send or export what waits (edgewright outbox export) and move the file away.',
);
export const corrupt = defineError(
  'store.corrupt',
  'Keep a copy of the file with its -wal, move them away and start again; check the health of the disk.',
);
export const io = defineError('store.io', 'Check the disk and its cables or card; the kernel log has the details.', {
  retry: true,
});
export const busy = defineError('store.busy', 'Another program has the file open: close it.', { retry: true });
export const failed = defineError('store.failed', 'This is a defect of edgewright: please report it.');
export const addonMissing = defineError(
  'store.addon-missing',
  'Run `npm ci` in a clone; an unpacked artifact brings better_sqlite3.node with it.',
);
export const addonRefused = defineError(
  'store.addon-refused',
  'The SQLite addon is bound to one Node ABI, system and CPU: use the Node version in the name of the artifact, or run `npm ci` again.',
);

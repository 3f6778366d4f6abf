import { defineError } from '../core/index.ts';

/** Another process has the file; the reason names it. */
export const locked = defineError(
  'store.locked',
  'Stop the other process, or give this gateway a folder of its own (outbox.path).',
);
/** The disk, or the room that the file may take, is full. Nothing of the transaction is in the file. */
export const full = defineError(
  'store.full',
  'Free space on the disk of the outbox; the gateway goes on by itself once there is some.',
  { retry: true },
);
/** The folder or the file cannot be written or created. */
export const unwritable = defineError(
  'store.unwritable',
  'Let the user of the gateway write to the folder and its files, and mount the file system read-write.',
);
/** The file does not begin as a SQLite file does. */
export const notADatabase = defineError(
  'store.not-a-database',
  'Move the file away, or name another folder (outbox.path); the gateway creates its own file.',
);
/** The file has seen more migrations than this program has. It was left as it is. */
export const newerSchema = defineError(
  'store.newer-schema',
  'A newer version of edgewright wrote this file, and it was left as it is: run that version again, or have it send or export what waits (edgewright outbox export) and move the file away.',
);
/** What is in the file is not what was written. */
export const corrupt = defineError(
  'store.corrupt',
  'Keep a copy of the file with its -wal, move them away and start again; check the health of the disk.',
);
/** The disk failed to read or write. */
export const io = defineError('store.io', 'Check the disk and its cables or card; the kernel log has the details.', {
  retry: true,
});
/** A connection elsewhere holds the file. */
export const busy = defineError('store.busy', 'Another program has the file open: close it.', { retry: true });
/** SQLite failed in a way that has no error of its own, for example at a statement that does not fit the schema. */
export const failed = defineError('store.failed', 'This is a defect of edgewright: please report it.');
/** SQLite's native addon is not where it should be. */
export const addonMissing = defineError(
  'store.addon-missing',
  'Run `npm ci` in a clone; an unpacked artifact brings better_sqlite3.node with it.',
);
/** SQLite's native addon does not fit this Node, system or CPU. */
export const addonRefused = defineError(
  'store.addon-refused',
  'The SQLite addon is bound to one Node ABI, system and CPU: use the Node version in the name of the artifact, or run `npm ci` again.',
);

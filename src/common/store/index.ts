/**
 * SQLite files: opened, migrated, checked, locked, read while nobody has them, and set aside where they are damaged.
 *
 * A file has one connection, with exclusive locking, a write-ahead log and synchronous=FULL: what a transaction
 * committed survives a power cut. One process at a time has a file, by a lock beside it. Every function here throws
 * errors of this room (`store.*`) and nothing else, except that statements throw raw ones; `Store.guard` and
 * `Store.transaction` turn them into errors of this room.
 */

export { busy, corrupt, failed, full, io, locked, newerSchema, notADatabase, unwritable } from './errors.ts';
export { acquireLock, type FileLock } from './lock.ts';
export { openOrReplace, type Replaced } from './open-or-replace.ts';
export { narrowFile, narrowFolder, PRIVATE_FILE } from './private-files.ts';
export { type ReaderOptions, readStore } from './reader.ts';
export { asidePath, removeStore, setAside, storeBytes } from './set-aside.ts';
export { isDamage, isFull } from './sqlite.ts';
export {
  diskBytes,
  FRAME_BYTES,
  openStore,
  PAGE_BYTES,
  type RowForm,
  type Statement,
  Store,
  type StoreOptions,
} from './store.ts';

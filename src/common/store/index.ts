export { busy, corrupt, failed, full, io, locked, newerSchema, notADatabase, unwritable } from './errors.ts';
export { acquireLock, type FileLock } from './lock.ts';
export { openOrReplace, type Replaced } from './open-or-replace.ts';
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

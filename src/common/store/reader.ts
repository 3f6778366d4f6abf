import { existsSync, rmSync } from 'node:fs';
import { newerSchema } from './errors.ts';
import { acquireLock } from './lock.ts';
import { connect, type Database, toStoreError } from './sqlite.ts';
import { Store } from './store.ts';

export interface ReaderOptions {
  /** Schema versions that the reader understands. */
  readonly known: number;
  readonly nativeBinding?: string | undefined;
}

/** What SQLite makes beside a file that it only reads. */
const TRACES = ['-shm', '-wal'];

/**
 * Looks into a file that nobody has open, what a crash left in its log included, and leaves it and its folder as they
 * were. Undefined where there is no file, or none with a schema. Throws `store.locked` where a process has it.
 */
export function readStore<T>(
  path: string,
  { known, nativeBinding }: ReaderOptions,
  work: (store: Store, version: number) => T,
): T | undefined {
  if (!existsSync(path)) return undefined;
  const lock = acquireLock(path, { nativeBinding });
  const made = TRACES.map((suffix) => path + suffix).filter((file) => !existsSync(file));
  let database: Database.Database | undefined;
  try {
    database = connect(path, nativeBinding, { readonly: true });
    const version = Number(database.pragma('user_version', { simple: true }));
    if (version > known) throw newerSchema(path, `its schema is version ${version}, this program knows up to ${known}`);
    return version === 0 ? undefined : work(new Store(path, database), version);
  } catch (error) {
    throw toStoreError(path, error);
  } finally {
    database?.close();
    for (const file of made) rmSync(file, { force: true });
    lock.release();
  }
}

import { existsSync, rmSync } from 'node:fs';
import { newerSchema } from './errors.ts';
import { acquireLock } from './lock.ts';
import { connect, type Database, toStoreError } from './sqlite.ts';
import { Store } from './store.ts';

/** How a file is read while nobody has it. */
export interface ReaderOptions {
  /** Newest schema version that the reader understands. */
  readonly known: number;
  /** Path of better_sqlite3.node, where it is not found by itself. */
  readonly nativeBinding?: string | undefined;
}

/** Suffixes of files that SQLite makes beside one that it only reads. */
const TRACES = ['-shm', '-wal'];

/**
 * Runs `work` on a file that no process has, what a crash left in its log included, and leaves the file and its folder
 * as they were. Undefined where there is no file, or none with a schema.
 * @param work gets the file, which is closed after it, and its schema version
 * @throws `store.locked` where a process has it, `store.newer-schema`, and other store errors
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

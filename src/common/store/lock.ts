import { accessSync, constants, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EdgewrightError } from '../core/index.ts';
import { busy, locked } from './errors.ts';
import { makePrivateFile, makePrivateFolder, PRIVATE_FILE } from './private-files.ts';
import { connect, type Database, toStoreError } from './sqlite.ts';

/** A lock that is held. */
export interface FileLock {
  /** Gives the lock back and deletes the file that names the process. To be called once. */
  release(): void;
}

function lockedBy(path: string): EdgewrightError {
  let pid = '';
  try {
    pid = readFileSync(`${path}.pid`, 'utf8').trim();
  } catch {
    // The lock was taken a moment ago, and the other process has not written its pid yet.
  }
  return locked(path, pid === '' ? 'another process has it' : `process ${pid} has it`);
}

/**
 * Takes the lock of `path`, whose folder is created if need be. One process has it until it releases it or dies: the
 * lock is the kernel's, taken by SQLite on `path.lock`, so a kill -9 leaves nothing behind to clean up. `path.pid` only
 * tells people who has it; it is a file apart because closing any descriptor of the lock file would drop the lock of
 * this very process.
 * @param options `nativeBinding`: path of better_sqlite3.node, where it is not found by itself
 * @throws `store.locked`, which names the process that has it; `store.unwritable` and other store errors
 */
export function acquireLock(path: string, options: { nativeBinding?: string | undefined } = {}): FileLock {
  let database: Database.Database | undefined;
  try {
    makePrivateFolder(dirname(path));
    // On a disk that is mounted read-only the lock itself would fail, with a reason that explains nothing.
    accessSync(dirname(path), constants.W_OK);
    makePrivateFile(`${path}.lock`);
    database = connect(`${path}.lock`, options.nativeBinding);
    database.pragma('locking_mode = EXCLUSIVE');
    // A journal in a file would need room, which a full disk does not have.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const known = toStoreError(path, error);
    throw known.kind === busy.kind ? lockedBy(path) : known;
  }
  try {
    writeFileSync(`${path}.pid`, `${process.pid}\n`, { mode: PRIVATE_FILE });
  } catch {
    // A full disk must not keep the gateway from starting: the lock stands without the pid.
  }
  const held = database;
  return {
    release() {
      rmSync(`${path}.pid`, { force: true });
      held.close();
    },
  };
}

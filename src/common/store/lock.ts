import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EdgewrightError } from '../core/index.ts';
import { busy, locked } from './errors.ts';
import { connect, type Database, toStoreError } from './sqlite.ts';

export interface FileLock {
  release(): void;
}

function lockedBy(path: string): EdgewrightError {
  let pid = '';
  try {
    pid = readFileSync(`${path}.pid`, 'utf8').trim();
  } catch {
    // Taken a moment ago: the other process has not written its pid yet.
  }
  return locked(path, pid === '' ? 'another process has it' : `process ${pid} has it`);
}

/**
 * One process has `path` for itself until it releases it or dies: the lock is the kernel's, taken by SQLite on
 * `path.lock`, so a kill -9 leaves nothing behind to clean up. `path.pid` only tells people who has it; it is a file
 * apart because closing any descriptor of the lock file would drop the lock of this very process.
 */
export function acquireLock(path: string, options: { nativeBinding?: string | undefined } = {}): FileLock {
  let database: Database.Database | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    // On a disk that is mounted read-only the lock itself would fail, in words that tell nobody why.
    accessSync(dirname(path), constants.W_OK);
    database = connect(`${path}.lock`, options.nativeBinding);
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const known = toStoreError(path, error);
    throw known.kind === busy.kind ? lockedBy(path) : known;
  }
  try {
    writeFileSync(`${path}.pid`, `${process.pid}\n`);
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

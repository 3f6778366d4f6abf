import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { EdgewrightError, type ErrorFactory, isNoRoom, reasonOf } from '../core/index.ts';
import { addonMissing, addonRefused, busy, corrupt, failed, full, io, notADatabase, unwritable } from './errors.ts';

/** better-sqlite3's own types, for this room alone. */
export type { Database };

const ADDON = 'better_sqlite3.node';

/** Errors by SQLite's primary result codes; extended ones (`SQLITE_IOERR_FSYNC`) begin with them. */
const kinds: readonly (readonly [string, ErrorFactory])[] = [
  ['SQLITE_FULL', full],
  ['SQLITE_BUSY', busy],
  ['SQLITE_NOTADB', notADatabase],
  ['SQLITE_CORRUPT', corrupt],
  ['SQLITE_READONLY', unwritable],
  ['SQLITE_CANTOPEN', unwritable],
  ['SQLITE_PERM', unwritable],
  ['SQLITE_IOERR', io],
];

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** SQLite takes a quota for a disk that fails, and does not say what the system said. */
const MAY_BE_NO_ROOM = ['SQLITE_IOERR', 'SQLITE_CANTOPEN'] as const;
const PROBE_BYTES = 64 * 1024;

/** Whether there is no room for a few pages more beside a file. Found out by writing some. */
function isOutOfRoom(path: string): boolean {
  const probe = `${path}.probe`;
  let file: number | undefined;
  try {
    file = openSync(probe, 'w');
    const chunk = new Uint8Array(PROBE_BYTES).fill(1);
    for (let done = 0; done < PROBE_BYTES; ) done += writeSync(file, chunk, done);
    // Some file systems look for the room only then.
    fsyncSync(file);
    return false;
  } catch (error) {
    return isNoRoom(error);
  } finally {
    if (file !== undefined) closeSync(file);
    rmSync(probe, { force: true });
  }
}

/** Turns whatever SQLite, its addon or the file system threw into an error of this room; one of ours stays as it is. */
export function toStoreError(path: string, error: unknown): EdgewrightError {
  if (error instanceof EdgewrightError) return error;
  const code = codeOf(error);
  const mayBeFull = MAY_BE_NO_ROOM.some((prefix) => code.startsWith(prefix));
  if (isNoRoom(error) || (mayBeFull && isOutOfRoom(path))) {
    return full(path, `${reasonOf(error)} (${code})`, { cause: error });
  }
  const kind = kinds.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (kind !== undefined) return kind(path, `${reasonOf(error)} (${code})`, { cause: error });
  if (code === 'ERR_DLOPEN_FAILED') {
    const here = `this is Node ${process.versions.node}, ABI ${process.versions.modules}, ${process.platform}-${process.arch}`;
    return addonRefused(path, `the SQLite addon does not load: ${reasonOf(error)}; ${here}`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR' || code === 'EEXIST') {
    return unwritable(path, reasonOf(error), { cause: error });
  }
  return failed(path, reasonOf(error), { cause: error });
}

/** Whether an error of this room says that the file is not what was written. */
export function isDamage(error: unknown): error is EdgewrightError {
  return error instanceof EdgewrightError && (error.kind === corrupt.kind || error.kind === notADatabase.kind);
}

/** Whether an error of this room says that the disk, or the room that the file may take, is full. */
export function isFull(error: unknown): error is EdgewrightError {
  return error instanceof EdgewrightError && error.kind === full.kind;
}

/**
 * Opens a raw connection that never waits for another one: there is one writer, and a second is a mistake to report.
 */
export function connect(
  path: string,
  nativeBinding: string | undefined,
  options: Pick<Database.Options, 'readonly'> = {},
): Database.Database {
  return new Database(path, { timeout: 0, nativeBinding: findAddon(nativeBinding), ...options });
}

/** Path of the native addon: as given (artifact), else in node_modules (clone). */
function findAddon(given: string | undefined): string {
  const path = given ?? installed();
  if (path !== undefined && existsSync(path)) return path;
  throw addonMissing(given ?? ADDON, 'the SQLite addon is not there');
}

function installed(): string | undefined {
  try {
    const library = createRequire(import.meta.url).resolve('better-sqlite3/package.json');
    return join(dirname(library), 'build', 'Release', ADDON);
  } catch {
    return undefined;
  }
}

import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Rights of a file that this user alone reads and writes. */
export const PRIVATE_FILE = 0o600;
/** Rights of a folder that this user alone enters. */
const PRIVATE_FOLDER = 0o700;
/** Rights of anybody else. */
const OTHERS = 0o077;
/** A folder in which everybody has files of their own, such as /tmp. */
const STICKY = 0o1000;

/** Makes a folder, and those above it, for this user alone; one that is there stays as it is. Throws raw errors. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
}

/**
 * Makes an empty file for this user alone, so that SQLite fills it and gives the same rights to what it makes beside it.
 * One that is there is not even opened: closing it would give up the locks that this process has on it. Throws raw
 * errors.
 */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', PRIVATE_FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** What became of a folder that others could look into. */
export interface Narrowed {
  /** Names of files that others could read or write, and cannot any more. */
  readonly files: readonly string[];
  /** `shared`: it stays open to others, because not everything in it is ours, or it is not this user's. */
  readonly folder: 'private' | 'narrowed' | 'shared';
}

/**
 * Takes the rights of others from files of this program that an earlier version made, or somebody opened; and from their
 * folder, where there is nothing else in it. Never throws: what cannot be changed stays as it is.
 * @param isOurs whether a file of this name is the program's
 */
export function narrowFolder(folder: string, isOurs: (name: string) => boolean): Narrowed {
  try {
    const names = readdirSync(folder);
    const files = names.filter((name) => isOurs(name) && narrowFile(join(folder, name)));
    const { mode, uid } = lstatSync(folder);
    if ((mode & OTHERS) === 0) return { files, folder: 'private' };
    const shared = (mode & STICKY) !== 0 || uid !== process.getuid?.() || !names.every(isOurs);
    if (!shared) chmodSync(folder, PRIVATE_FOLDER);
    return { files, folder: shared ? 'shared' : 'narrowed' };
  } catch {
    // It is not there yet, or another user's; opening the files says what is wrong.
    return { files: [], folder: 'private' };
  }
}

/** Takes the rights of others from a file; false where they had none, or it is none that this user may change. */
export function narrowFile(path: string): boolean {
  try {
    const stat = lstatSync(path);
    if (!stat.isFile() || (stat.mode & OTHERS) === 0) return false;
    chmodSync(path, PRIVATE_FILE);
    return true;
  } catch {
    return false;
  }
}

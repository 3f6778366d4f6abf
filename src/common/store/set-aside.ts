import { renameSync, rmSync, statSync } from 'node:fs';
import { toStoreError } from './sqlite.ts';

/** Suffixes of a store's files: the file itself, its log, its shared memory. */
const SUFFIXES = ['', '-wal', '-shm'] as const;
const DAMAGED = '.damaged';

/** Path that the file of a damaged store gets; its log gets the same with a suffix. */
export function asidePath(path: string): string {
  return `${path}${DAMAGED}`;
}

/**
 * Moves the files of a store, which must be closed, out of the way. What was set aside before is deleted. Returns the
 * new path. Throws store errors; it can then be called again.
 */
export function setAside(path: string): string {
  const aside = asidePath(path);
  try {
    removeStore(aside);
    // The log goes first: without its file it is nothing, but beside a fresh file it would be taken for that one's log.
    for (const suffix of ['-wal', '-shm', ''] as const) moveIfThere(path + suffix, aside + suffix);
    return aside;
  } catch (error) {
    throw toStoreError(path, error);
  }
}

/** Deletes the files of a store, where there are any. Throws raw errors of the file system. */
export function removeStore(path: string): void {
  for (const suffix of SUFFIXES) rmSync(path + suffix, { force: true });
}

/** Bytes of a store's files; 0 where there are none. */
export function storeBytes(path: string): number {
  return SUFFIXES.reduce((sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function moveIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to);
}

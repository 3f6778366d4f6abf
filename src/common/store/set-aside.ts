import { renameSync, rmSync, statSync } from 'node:fs';
import { toStoreError } from './sqlite.ts';

/** What SQLite has beside a file. */
const SUFFIXES = ['', '-wal', '-shm'] as const;
const DAMAGED = '.damaged';

/** Where the files of a damaged store are put. */
export function asidePath(path: string): string {
  return `${path}${DAMAGED}`;
}

/** Moves a store's files out of the way, log included; what was set aside before gives way to them. Throws store errors. */
export function setAside(path: string): string {
  const aside = asidePath(path);
  try {
    removeStore(aside);
    // The log first: without its file it is nothing, but a log beside a fresh file would be taken for that one's.
    for (const suffix of ['-wal', '-shm', ''] as const) moveIfThere(path + suffix, aside + suffix);
    return aside;
  } catch (error) {
    throw toStoreError(path, error);
  }
}

export function removeStore(path: string): void {
  for (const suffix of SUFFIXES) rmSync(path + suffix, { force: true });
}

/** Bytes of a file and its log. */
export function storeBytes(path: string): number {
  return SUFFIXES.reduce((sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function moveIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to);
}

import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PRIVATE_FILE } from '../../../common/store/index.ts';

/** Name of the file in its folder. */
export const FILE = 'ballast';
const KIB = 1024;
/** Room for the log to be written back and for control.db beside it. More would only be taken from others. */
const MOST_BYTES = 4096 * KIB;
const LEAST_BYTES = 192 * KIB;
const SHARE_OF_CAP = 1 / 16;
const SHARE_OF_DISK = 1 / 16;
/** The ballast is made again when this many times as much is free. */
const AMPLE = 3;
const CHUNK_BYTES = 64 * KIB;

/** Bytes that the ballast should have; 0 on a disk that is too small for one. */
export function ballastBytes(cap: number, disk: number): number {
  const wanted = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, cap * SHARE_OF_CAP));
  const bytes = Math.floor(Math.min(wanted, disk * SHARE_OF_DISK));
  return bytes < LEAST_BYTES ? 0 : bytes;
}

/**
 * A file that only takes room: on a full disk even deleting rows needs some, and giving this file up makes it. Unlike a
 * database laid out in its full size beforehand it costs the flash a few MB once.
 */
export class Ballast {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, FILE);
  }

  get bytes(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Deletes the file. Returns whether that freed something; on a disk that takes no changes it cannot. */
  giveUp(): boolean {
    const had = this.bytes > 0;
    try {
      rmSync(this.#path, { force: true });
    } catch {
      return false;
    }
    return had;
  }

  /** Makes the file, where there is none and so much room that nobody misses it. A failure does not matter. */
  restore(bytes: number, room: number): void {
    if (bytes === 0 || room < AMPLE * bytes || this.bytes > 0) return;
    try {
      this.#write(bytes);
    } catch {
      this.giveUp();
    }
  }

  #write(bytes: number): void {
    const file = openSync(this.#path, 'w', PRIVATE_FILE);
    try {
      const chunk = new Uint8Array(CHUNK_BYTES);
      for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
        // Random bytes are nothing that a file system could pack or leave out.
        randomFillSync(chunk);
        writeSync(file, chunk, 0, Math.min(left, CHUNK_BYTES));
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}

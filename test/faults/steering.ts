import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';

/** The layout of `struct steering` in shim/faults.h. */
const SIZE = 32;
const OFFSETS = { stallMs: 0, writeErrno: 4, syncErrno: 8, actNow: 12, clockOffset: 16, points: 24 } as const;

export const ERRNO = { EIO: 5, ENOSPC: 28, EROFS: 30, EDQUOT: 122 } as const;

/** The page by which a gateway under the shim is steered while it runs. */
export class Steering {
  readonly file: string;
  readonly #fd: number;

  constructor(file: string) {
    this.file = file;
    writeFileSync(file, Buffer.alloc(SIZE));
    this.#fd = openSync(file, 'r+');
  }

  /** What is set stays for the processes that follow. */
  set(name: 'stallMs' | 'writeErrno' | 'syncErrno' | 'actNow', value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    writeSync(this.#fd, bytes, 0, 4, OFFSETS[name]);
  }

  /** ms that the wall clock of the gateway is ahead of the real one. */
  set clockOffset(ms: number) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(ms));
    writeSync(this.#fd, bytes, 0, 8, OFFSETS.clockOffset);
  }

  /** Points that processes passed so far. */
  get points(): number {
    const bytes = Buffer.alloc(8);
    readSync(this.#fd, bytes, 0, 8, OFFSETS.points);
    return Number(bytes.readBigInt64LE());
  }

  close(): void {
    closeSync(this.#fd);
  }
}

import type { FileHandle } from 'node:fs/promises';
import { hashOf, piecesOf } from './hash-file.ts';

/** What a part needs of the store that it is to become a blob of. */
export interface PartOwner {
  /** Throws `blobs.no-room` where so many bytes would go into what is left to others. */
  demandRoom(bytes: number): Promise<void>;
  /** Gives the file the name of a blob, for good. */
  adopt(): Promise<void>;
  /** Forgets that the file is open. */
  released(): void;
  /** Runs work on the disk; throws errors of this room in place of raw ones. */
  guard<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * A blob that is on its way: a file that has some of its blocks, and no journal. What of it is whole is told by hashing
 * it. Has one user at a time.
 */
export class Part {
  readonly length: number;
  readonly #sha256: string;
  readonly #file: FileHandle;
  readonly #owner: PartOwner;

  constructor(blob: { readonly sha256: string; readonly length: number }, file: FileHandle, owner: PartOwner) {
    this.length = blob.length;
    this.#sha256 = blob.sha256;
    this.#file = file;
    this.#owner = owner;
  }

  /** The indices of the blocks that are whole, as `fits` tells, rising. Throws `blobs.failed`. */
  wholeBlocks(block: number, fits: (index: number, bytes: Uint8Array) => boolean): Promise<number[]> {
    return this.#owner.guard(async () => {
      const { size } = await this.#file.stat();
      const whole: number[] = [];
      let index = 0;
      for await (const bytes of piecesOf(this.#file, Math.min(size, this.length), block)) {
        if (fits(index, bytes)) whole.push(index);
        index += 1;
      }
      return whole;
    });
  }

  /** Writes bytes at their place. Throws `blobs.no-room` and `blobs.failed`. */
  async write(at: number, bytes: Uint8Array): Promise<void> {
    if (at + bytes.byteLength > this.length) throw new RangeError('beyond the end of the blob');
    await this.#owner.demandRoom(bytes.byteLength);
    await this.#owner.guard(async () => {
      for (let done = 0; done < bytes.byteLength; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.byteLength - done, at + done);
        done += bytesWritten;
      }
    });
  }

  /**
   * Makes the part a blob: on the disk, hashed from there, and under its name, so that it is there after a power cut.
   * False where its content is not that of the blob; it then stays a part. Throws `blobs.failed`.
   */
  finish(): Promise<boolean> {
    return this.#owner.guard(async () => {
      if ((await this.#file.stat()).size > this.length) await this.#file.truncate(this.length);
      await this.#file.sync();
      const { size } = await this.#file.stat();
      if (size !== this.length || (await hashOf(this.#file, size)) !== this.#sha256) return false;
      await this.#owner.adopt();
      return true;
    });
  }

  /** Lets go of the file, whose blocks stay. */
  async close(): Promise<void> {
    this.#owner.released();
    await this.#file.close();
  }
}

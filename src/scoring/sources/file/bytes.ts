import { open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const CHUNK = 128 * 1024;

/** Opens the bytes of a file, unpacked where they begin as gzip does. */
export async function openBytes(path: string): Promise<Readable> {
  const handle = await open(path, 'r');
  try {
    const magic = Buffer.alloc(2);
    await handle.read(magic, 0, 2, 0);
    const raw = handle.createReadStream({ start: 0, highWaterMark: CHUNK });
    if (magic[0] !== 0x1f || magic[1] !== 0x8b) return raw;
    const unpacked = createGunzip({ chunkSize: CHUNK });
    // Errors of either side end the unpacked stream with that error.
    pipeline(raw, unpacked, () => undefined);
    return unpacked;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Gives the bytes of a stream in pieces of the size asked for, holding at most one chunk besides. */
export class ByteCursor {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(stream: Readable) {
    this.#chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** Reads the next `size` bytes into memory of their own; fewer only at the end. */
  async take(size: number): Promise<Buffer> {
    const piece = Buffer.alloc(size);
    let filled = 0;
    while (filled < size) {
      if (this.#at >= this.#held.length && !(await this.#more())) break;
      const copied = this.#held.copy(piece, filled, this.#at);
      this.#at += copied;
      filled += copied;
    }
    return piece.subarray(0, filled);
  }

  /** Skips `size` bytes; false where there are fewer. */
  async skip(size: number): Promise<boolean> {
    for (let left = size; left > 0; ) {
      if (this.#at >= this.#held.length && !(await this.#more())) return false;
      const step = Math.min(left, this.#held.length - this.#at);
      this.#at += step;
      left -= step;
    }
    return true;
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#held = next.value;
    this.#at = 0;
    return true;
  }
}

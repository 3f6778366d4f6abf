import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { blockFor } from '../../common/protocol/index.ts';

/** Bytes that are read at a time. */
const PIECE = 256 * 1024;

/** A file that was hashed, with its block list. */
export interface HashedFile {
  readonly length: number;
  readonly sha256: string;
  /** Bytes of a block. */
  readonly block: number;
  /** SHA-256 of the list, in hex. */
  readonly blocks: string;
  /** The raw digests of the blocks, one after the other. */
  readonly list: Uint8Array;
  /** The state of the file when it was hashed. */
  readonly modified: number;
}

/** Hashes a file and its blocks, reading it once and in pieces. Throws raw errors. */
export async function hashFile(path: string): Promise<HashedFile> {
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const block = blockFor(size);
    const whole = createHash('sha256');
    const digests: Buffer[] = [];
    let [current, inBlock, length] = [createHash('sha256'), 0, 0];
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: PIECE })) {
      const bytes = chunk as Buffer;
      whole.update(bytes);
      length += bytes.length;
      for (let at = 0; at < bytes.length; ) {
        const taken = bytes.subarray(at, at + block - inBlock);
        current.update(taken);
        at += taken.length;
        inBlock += taken.length;
        if (inBlock < block) continue;
        digests.push(current.digest());
        [current, inBlock] = [createHash('sha256'), 0];
      }
    }
    if (inBlock > 0) digests.push(current.digest());
    const list = Buffer.concat(digests);
    const blocks = createHash('sha256').update(list).digest('hex');
    return { length, sha256: whole.digest('hex'), block, blocks, list, modified: mtimeMs };
  } finally {
    await file.close();
  }
}

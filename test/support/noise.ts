import { createCipheriv, createHash } from 'node:crypto';
import type { Logger } from '../../src/common/core/index.ts';
import type { BundleFile } from '../../src/common/protocol/index.ts';

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export const hexOf = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex');

/** Bytes that are the same for the same seed, and that nothing compresses. */
export function noise(length: number, seed = 1): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** A file as an order names it, with its block list, made without the code under test. */
export function described(content: Uint8Array, block = 16 * 1024, path = 'm.onnx'): { file: BundleFile; list: Buffer } {
  const digests: Buffer[] = [];
  for (let at = 0; at < content.length; at += block) {
    digests.push(
      createHash('sha256')
        .update(content.subarray(at, at + block))
        .digest(),
    );
  }
  const list = Buffer.concat(digests);
  return { file: { path, length: content.length, sha256: hexOf(content), block, blocks: hexOf(list) }, list };
}

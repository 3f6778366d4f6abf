import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BlockList,
  type BundleFile,
  blockCount,
  blockFor,
  blockListBytes,
  fileProblem,
  MAX_LIST_BYTES,
  MAX_OUTSTANDING,
  pieceSizes,
} from '../../src/common/protocol/index.ts';

const raw = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();
const hex = (bytes: Uint8Array | string) => raw(bytes).toString('hex');

/** A file and its list, made here and not by the code under test. */
function described(content: Uint8Array, block: number): { file: BundleFile; list: Buffer } {
  const digests: Buffer[] = [];
  for (let at = 0; at < content.length; at += block) digests.push(raw(content.subarray(at, at + block)));
  const list = Buffer.concat(digests);
  return { file: { path: 'm.onnx', length: content.length, sha256: hex(content), block, blocks: hex(list) }, list };
}

describe('a block list', () => {
  it('lets through each block of its file and nothing else', () => {
    const contents = fc.uint8Array({ minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(contents, fc.integer({ min: 1, max: 64 }), fc.nat(), (content, block, at) => {
        const { file, list } = described(content, block);
        expect(fileProblem(file)).toBeUndefined();
        const blocks = BlockList.of(file, list);
        expect(blocks?.count).toBe(blockCount(file));
        for (let i = 0; i < blockCount(file); i += 1) {
          const bytes = content.slice(i * block, (i + 1) * block);
          expect(blocks?.fits(i, bytes)).toBe(true);
          const where = at % bytes.length;
          bytes[where] = (bytes[where] ?? 0) ^ 1;
          expect(blocks?.fits(i, bytes)).toBe(false);
        }
        expect(blocks?.fits(blockCount(file), new Uint8Array())).toBe(false);
      }),
    );
  });

  it('is refused with one byte changed, one digest more, and of another file', () => {
    const { file, list } = described(Buffer.alloc(100, 7), 16);
    const changed = Buffer.from(list).fill(list[3] === 0 ? 1 : 0, 3, 4);
    expect(BlockList.of(file, list)).toBeDefined();
    for (const other of [changed, Buffer.concat([list, raw('')]), list.subarray(32), Buffer.alloc(0)]) {
      expect(BlockList.of(file, other)).toBeUndefined();
    }
  });
});

describe('a file that cannot be transferred', () => {
  const { file } = described(Buffer.from('model'), 16);

  it.each<[string, Partial<BundleFile>]>([
    ['a digest that is none', { sha256: 'ab' }],
    ['a list’s digest that is none', { blocks: '' }],
    ['a negative length', { length: -1 }],
    ['half a byte', { length: 4.5 }],
    ['more bytes than any', { length: 2 ** 50 }],
    ['blocks of nothing', { block: 0 }],
    ['blocks that no memory holds', { block: 2 ** 30 }],
    ['blocks that no message can carry a part of', { block: 99_999 }],
    ['a list longer than 1 MiB', { length: 40_000_000, block: 1 }],
    ['another list for its only block', { blocks: hex('x') }],
    ['a list for no content', { length: 0 }],
  ])('has %s', (_what, change) => {
    expect(fileProblem(file)).toBeUndefined();
    expect(fileProblem({ ...file, ...change })).toEqual(expect.any(String));
  });

  it('is not an empty one', () => {
    expect(fileProblem(described(Buffer.alloc(0), 16).file)).toBeUndefined();
  });
});

it('a block is asked for in its own size, in halves, and in halves of these, down to where messages would weigh more', () => {
  expect(pieceSizes(16 * 1024)).toEqual([16_384, 8_192, 4_096, 2_048, 1_024, 512]);
  expect(pieceSizes(1024 * 1024)[0]).toBe(MAX_OUTSTANDING);
  expect(pieceSizes(100_000)).toEqual([50_000, 25_000, 12_500, 6_250, 3_125]);
  expect(pieceSizes(7)).toEqual([7]);
});

it.each([1, 8 * 1024 ** 2, 512 * 1024 ** 2, 4 * 1024 ** 3])(
  'a file of %i bytes has a block whose list fits',
  (length) => {
    const block = blockFor(length);
    expect(blockListBytes({ length, block })).toBeLessThanOrEqual(MAX_LIST_BYTES);
    expect(pieceSizes(block)).not.toEqual([]);
  },
);

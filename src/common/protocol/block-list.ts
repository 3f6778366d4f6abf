import { createHash } from 'node:crypto';
import { MAX_BLOB_BYTES, MAX_BLOCK_BYTES, MAX_LIST_BYTES, MAX_OUTSTANDING } from './blob-bounds.ts';

const DIGEST_BYTES = 32;
const HEX = /^[0-9a-f]{64}$/;
/** Pieces are not made smaller than this: the message around each takes its bytes, too. */
const LEAST_PIECE = 512;
/** The block of a file, unless its list would then be too long. */
const USUAL_BLOCK = 16 * 1024;

/** A file of a bundle, as a signed order names it. */
export interface BundleFile {
  /** The path in the bundle, with `/` between its parts. */
  readonly path: string;
  /** Bytes. */
  readonly length: number;
  /** Digest of its content, in hex. */
  readonly sha256: string;
  /** Bytes of a block; the last one may be shorter. */
  readonly block: number;
  /** SHA-256, in hex, of the block list: the raw digests of its blocks, one after the other. */
  readonly blocks: string;
}

/** The number of blocks of a file. */
export function blockCount({ length, block }: Pick<BundleFile, 'length' | 'block'>): number {
  return Math.ceil(length / block);
}

/** Bytes of a file's block list. */
export function blockListBytes(file: Pick<BundleFile, 'length' | 'block'>): number {
  return DIGEST_BYTES * blockCount(file);
}

/** A block for a file of so many bytes, for whoever makes the order. */
export function blockFor(length: number): number {
  let block = USUAL_BLOCK;
  while (blockListBytes({ length, block }) > MAX_LIST_BYTES) block *= 2;
  return block;
}

/**
 * The sizes, falling, in which a block may be asked for: its own, halves of it, halves of these, as far as they are whole
 * and a message takes them. Empty where no message takes any.
 */
export function pieceSizes(block: number): number[] {
  const sizes: number[] = [];
  for (let size = block; Number.isInteger(size) && (size >= LEAST_PIECE || size === block); size /= 2) {
    if (size <= MAX_OUTSTANDING) sizes.push(size);
  }
  return sizes;
}

/** Says why a file cannot be transferred as it is named; undefined where it can. */
export function fileProblem(file: BundleFile): string | undefined {
  const { length, block, sha256, blocks } = file;
  if (!HEX.test(sha256) || !HEX.test(blocks)) return 'has no hex SHA-256 digest';
  if (!Number.isInteger(length) || length < 0 || length > MAX_BLOB_BYTES) return `cannot have ${length} bytes`;
  if (!Number.isInteger(block) || block < 1 || block > MAX_BLOCK_BYTES || pieceSizes(block).length === 0) {
    return `cannot have blocks of ${block} bytes`;
  }
  if (blockListBytes(file) > MAX_LIST_BYTES) return `has more blocks of ${block} bytes than a list has room for`;
  // The only block of a file is the file; no block at all is a list without content.
  const known = blockCount(file) > 1 ? undefined : digestOf(Buffer.from(length === 0 ? '' : sha256, 'hex'));
  return known === undefined || known === blocks ? undefined : 'has a block list that is not that of its content';
}

/** The digests of a file's blocks, by which each is checked as it comes. */
export class BlockList {
  readonly #digests: Uint8Array;

  private constructor(digests: Uint8Array) {
    this.#digests = digests;
  }

  /** Reads the list that was fetched for a file; undefined where it is not the one that the order names. */
  static of(file: BundleFile, digests: Uint8Array): BlockList | undefined {
    if (digests.byteLength !== blockListBytes(file) || digestOf(digests) !== file.blocks) return undefined;
    return new BlockList(digests);
  }

  /** The list of an empty file. */
  static readonly empty = new BlockList(new Uint8Array());

  /** The list of what has one block: its own digest, in hex. */
  static single(sha256: string): BlockList {
    return new BlockList(Buffer.from(sha256, 'hex'));
  }

  get count(): number {
    return this.#digests.byteLength / DIGEST_BYTES;
  }

  /** Whether these are the bytes of a block. */
  fits(index: number, bytes: Uint8Array): boolean {
    const expected = this.#digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
    return expected.byteLength === DIGEST_BYTES && createHash('sha256').update(bytes).digest().equals(expected);
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

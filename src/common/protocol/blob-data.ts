import * as z from 'zod';
import { MAX_OUTSTANDING } from './blob-bounds.ts';
import { notABlobMessage } from './errors.ts';

const MAGIC = Buffer.from('EWB1', 'ascii');
const PREFIX_BYTES = 16;
const INDEX_AT = MAGIC.length + PREFIX_BYTES;
const LENGTH_AT = INDEX_AT + 4;

/** Bytes of a message on `blob/data` before those of the piece. */
export const BLOB_DATA_HEAD = LENGTH_AT + 4;
/** Most bytes of such a message. */
export const MAX_BLOB_DATA_BYTES = BLOB_DATA_HEAD + MAX_OUTSTANDING;

/** The schema of a message on the topic `blob/data`, which is binary: its layout in words. */
export const blobDataSchema = z
  .string()
  .meta({ format: 'binary' })
  .describe(
    'Binary: EWB1 in ASCII, the first 16 bytes of the blob’s SHA-256, the index of the piece and its length (both 32 bits, big endian), its bytes.',
  );

/** A piece of a blob. */
export interface BlobData {
  /** The first half of the blob’s SHA-256, in hex. */
  readonly prefix: string;
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** The part of a digest, in hex, that a piece carries. */
export function blobPrefix(sha256: string): string {
  return sha256.slice(0, 2 * PREFIX_BYTES);
}

/** The payload of a piece. */
export function encodeBlobData({ prefix, index, bytes }: BlobData): Uint8Array {
  const message = Buffer.alloc(BLOB_DATA_HEAD + bytes.byteLength);
  message.set(MAGIC);
  message.write(prefix, MAGIC.length, PREFIX_BYTES, 'hex');
  message.writeUInt32BE(index, INDEX_AT);
  message.writeUInt32BE(bytes.byteLength, LENGTH_AT);
  message.set(bytes, BLOB_DATA_HEAD);
  return message;
}

/**
 * Reads a message of the topic `blob/data`, which is taken to be hostile; the bytes are a view into it. Throws
 * `protocol.not-a-blob-message`. Whether the piece belongs to anything is for whoever asked.
 */
export function decodeBlobData(payload: Uint8Array): BlobData {
  const message = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (message.length < BLOB_DATA_HEAD || message.length > MAX_BLOB_DATA_BYTES) {
    throw notABlobMessage('blob/data', `${message.length} bytes`);
  }
  if (!message.subarray(0, MAGIC.length).equals(MAGIC)) throw notABlobMessage('blob/data', 'does not begin with EWB1');
  const length = message.readUInt32BE(LENGTH_AT);
  const bytes = message.subarray(BLOB_DATA_HEAD);
  if (length !== bytes.length) {
    throw notABlobMessage('blob/data', `says that it has ${length} bytes, and has ${bytes.length}`);
  }
  return {
    prefix: message.toString('hex', MAGIC.length, INDEX_AT),
    index: message.readUInt32BE(INDEX_AT),
    bytes,
  };
}

import * as z from 'zod';
import { MAX_BLOB_BYTES, MAX_OUTSTANDING, MAX_PIECES } from './blob-bounds.ts';
import { notABlobMessage } from './errors.ts';
import { commandId, type Frozen, sha256 } from './fields.ts';
import { checked, type Reject, readJson } from './validate.ts';

/** Most bytes of a request. */
export const MAX_BLOB_GET_BYTES = 4 * 1024;
/** Characters in base64 of a bitmap of so many pieces. */
const MAX_HAVE = Math.ceil(MAX_PIECES / 8 / 3) * 4;

/** The schema of a message on the topic `blob/get`. */
export const blobGetSchema = z
  .object({
    token: commandId().describe('A new one for each request; one that comes twice is answered once.'),
    sha256: sha256().describe('The blob: a file of a bundle, or the list of its block digests.'),
    block: z
      .int()
      .min(1)
      .max(MAX_OUTSTANDING)
      .describe('Bytes of a piece: piece i begins at i times this; the last one of a blob may be shorter.'),
    first: z.int().min(0).max(MAX_BLOB_BYTES).describe('Index of the first piece.'),
    count: z.int().min(1).max(MAX_PIECES).describe('Pieces from there on, those that the device has included.'),
    have: z
      .string()
      .max(MAX_HAVE)
      .regex(/^[A-Za-z0-9+/]*={0,2}$/)
      .describe(
        'Which of them the device has, as a bitmap in base64: piece first + i is bit i % 8, the lowest first, of byte i / 8. Bits that are missing are 0.',
      ),
  })
  .describe(
    'A device asks for pieces of a blob. It has one request at a time: a newer one takes the place of an older.',
  );

/** A request of a device for pieces of a blob. */
export type BlobGet = Frozen<z.output<typeof blobGetSchema>>;

/** The payload of a request: JSON in UTF-8. */
export function encodeBlobGet(request: BlobGet): Uint8Array {
  return Buffer.from(JSON.stringify(request));
}

/** Checks a message of the topic `blob/get`, which is taken to be hostile. Throws `protocol.not-a-blob-message`. */
export function decodeBlobGet(payload: Uint8Array): BlobGet {
  const reject: Reject = (reason, cause) => notABlobMessage('blob/get', reason, { cause });
  if (payload.byteLength > MAX_BLOB_GET_BYTES) throw reject(`blob/get: ${payload.byteLength} bytes`);
  return checked(readJson(payload, 'blob/get', reject), blobGetSchema, 'blob/get', reject);
}

/** Writes which pieces are had as the bitmap of a request; `had` tells it of piece `i` of `count`. */
export function encodeHave(count: number, had: (index: number) => boolean): string {
  const bits = Buffer.alloc(Math.ceil(count / 8));
  for (let i = 0; i < count; i += 1) if (had(i)) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  return bits.toString('base64');
}

/** The indices of the pieces that a request wants, rising. */
export function wantedPieces({ first, count, have }: Pick<BlobGet, 'first' | 'count' | 'have'>): number[] {
  const bits = Buffer.from(have, 'base64');
  const wanted: number[] = [];
  for (let i = 0; i < count; i += 1) if (((bits[i >> 3] ?? 0) & (1 << (i & 7))) === 0) wanted.push(first + i);
  return wanted;
}

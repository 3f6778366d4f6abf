import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLOB_DATA_HEAD,
  type BlobGet,
  blobPrefix,
  decodeBlobData,
  decodeBlobGet,
  encodeBlobData,
  encodeBlobGet,
  encodeHave,
  MAX_BLOB_DATA_BYTES,
  MAX_OUTSTANDING,
  MAX_PIECES,
  wantedPieces,
} from '../../src/common/protocol/index.ts';

const sha256 = createHash('sha256').update('model').digest('hex');
const request: BlobGet = { token: 't1', sha256, block: 1024, first: 3, count: 4, have: encodeHave(4, () => false) };
const refused = expect.objectContaining({ code: 'protocol.not-a-blob-message' });
const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('a request for pieces', () => {
  it('comes back as it went, and wants what the bitmap lacks', () => {
    const bitmaps = fc.array(fc.boolean(), { minLength: 1, maxLength: MAX_PIECES });
    fc.assert(
      fc.property(bitmaps, fc.nat(1_000_000), (had, first) => {
        const have = encodeHave(had.length, (i) => had[i] === true);
        const decoded = decodeBlobGet(encodeBlobGet({ ...request, first, count: had.length, have }));
        expect(wantedPieces(decoded)).toEqual(had.flatMap((one, i) => (one ? [] : [first + i])));
      }),
    );
  });

  it('has its bitmap with the lowest bit first, as the document says', () => {
    expect(encodeHave(10, (i) => i === 0 || i === 9)).toBe(Buffer.from([0b1, 0b10]).toString('base64'));
    expect(wantedPieces({ first: 0, count: 3, have: '' })).toEqual([0, 1, 2]);
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['no token', bytesOf({ ...request, token: '' })],
    ['a token of blanks', bytesOf({ ...request, token: 'a b' })],
    ['half a digest', bytesOf({ ...request, sha256: sha256.slice(1) })],
    ['a digest in capitals', bytesOf({ ...request, sha256: sha256.toUpperCase() })],
    ['pieces of nothing', bytesOf({ ...request, block: 0 })],
    ['pieces beyond a message', bytesOf({ ...request, block: MAX_OUTSTANDING + 1 })],
    ['a piece before the first', bytesOf({ ...request, first: -1 })],
    ['half a piece', bytesOf({ ...request, first: 0.5 })],
    ['no pieces', bytesOf({ ...request, count: 0 })],
    ['too many pieces', bytesOf({ ...request, count: MAX_PIECES + 1 })],
    ['a bitmap that is none', bytesOf({ ...request, have: '!' })],
    ['a bitmap without end', bytesOf({ ...request, have: 'A'.repeat(400) })],
    ['more bytes than any has', bytesOf({ ...request, more: 'x'.repeat(5_000) })],
  ])('is none with %s', (_what, payload) => {
    expect(() => decodeBlobGet(payload)).toThrow(refused);
  });

  it('is read or refused with its code, whatever comes', () => {
    const mutated = fc.tuple(fc.nat(200), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(encodeBlobGet(request));
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated, fc.json().map(Buffer.from)), (bytes) => {
        expect(codeOf(() => wantedPieces(decodeBlobGet(bytes)))).toMatch(/^(read|protocol\.not-a-blob-message)$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a piece', () => {
  const piece = { prefix: blobPrefix(sha256), index: 0xfedcba98, bytes: Buffer.from('weights') };

  it('comes back as it went, in the layout of the document', () => {
    const message = Buffer.from(encodeBlobData(piece));
    expect(decodeBlobData(message)).toEqual(piece);
    expect(message.subarray(0, 4).toString()).toBe('EWB1');
    expect(message.subarray(4, 20).toString('hex')).toBe(sha256.slice(0, 32));
    expect([message.readUInt32BE(20), message.readUInt32BE(24)]).toEqual([0xfedcba98, 7]);
    expect(message.subarray(BLOB_DATA_HEAD).toString()).toBe('weights');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a head alone that lacks a byte', Buffer.from(encodeBlobData(piece)).subarray(0, BLOB_DATA_HEAD - 1)],
    ['another beginning', Buffer.from(encodeBlobData(piece)).fill('X', 0, 1)],
    ['a byte too few', Buffer.from(encodeBlobData(piece)).subarray(0, -1)],
    ['a byte too many', Buffer.concat([encodeBlobData(piece), Buffer.alloc(1)])],
    ['more than a message has', Buffer.alloc(MAX_BLOB_DATA_BYTES + 1)],
  ])('is none with %s', (_what, payload) => {
    expect(() => decodeBlobData(payload)).toThrow(refused);
  });

  it('is read or refused with its code, whatever comes', () => {
    const begun = fc.uint8Array({ maxLength: 80 }).map((rest) => Buffer.concat([Buffer.from('EWB1'), rest]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), begun), (bytes) => {
        expect(codeOf(() => decodeBlobData(bytes))).toMatch(/^(read|protocol\.not-a-blob-message)$/);
      }),
      { numRuns: 500 },
    );
  });
});

function codeOf(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

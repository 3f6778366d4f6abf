import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EdgewrightError, MAX_BATCH_BYTES, MAX_BATCH_RECORDS, type OutboxRecord } from '../../src/common/core/index.ts';
import {
  BATCH_END,
  batchStart,
  decodeBatch,
  decodeCommand,
  decodeReceipt,
  decodeStatus,
  encodeRecord,
  MAX_STATUS_BYTES,
  withIdentity,
} from '../../src/common/protocol/index.ts';
import { statusOf } from '../operator/batches.ts';
import { anyRecord, bootId } from './arbitraries.ts';

const address = { site: 'plant', device: 'gw1', boot: 'ab'.repeat(16) };
const event = '{"type":"event","t":1,"event":"start","detail":{}}';

function seal(bodies: readonly string[], identity = address): Buffer {
  const records = bodies.map((body, index) => withIdentity(body, index + 1, true));
  return Buffer.from(batchStart(identity, 1, bodies.length) + records.join(',') + BATCH_END);
}

function refusal(payload: Uint8Array): EdgewrightError {
  try {
    decodeBatch(payload);
  } catch (error) {
    if (error instanceof EdgewrightError) return error;
    throw error;
  }
  throw new Error('was taken');
}

/** What JSON makes of a record: -0 is 0. */
const asJson = (record: OutboxRecord): unknown => JSON.parse(JSON.stringify(record));

describe('a record', () => {
  it('is encoded as JSON.stringify would, with its type in front', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const text = encodeRecord(record);
        expect(text.startsWith('{"type":')).toBe(true);
        expect(JSON.parse(text)).toEqual(asJson(record));
      }),
      { numRuns: 500 },
    );
  });

  it('has null for what is no number', () => {
    const model = { name: 'm', version: '1', digest: '0', signed: false };
    const text = encodeRecord({
      ...{ type: 'prediction', t: 1, pipeline: 'p', asset: 'a', from: 0, to: 1, model, decision: 'answer' },
      output: { label: 'x', probabilities: { x: Number.NaN, y: Number.NEGATIVE_INFINITY } },
      quality: { code: 'Good', reasons: [] },
    });
    expect(JSON.parse(text).output).toEqual({ label: 'x', probabilities: { x: null, y: null } });
  });
});

describe('a batch', () => {
  it('comes back as it was sealed, plain and in gzip', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), bootId, fc.boolean(), (records, boot, gzip) => {
        const bytes = seal(records.map(encodeRecord), { ...address, boot });
        const batch = decodeBatch(gzip ? gzipSync(bytes) : bytes);
        expect(batch).toMatchObject({ ...address, boot, first: 1, last: records.length, unknown: [] });
        expect(batch.records).toEqual(
          records.map((record, index) => ({ ...(asJson(record) as object), seq: index + 1, clock: true })),
        );
      }),
    );
  });

  it('keeps fields that this version does not know, and records of types that it does not', () => {
    const batch = decodeBatch(
      seal([event.replace('"detail"', '"later":[1],"detail"'), '{"type":"weather","t":2,"x":1}']),
    );
    expect(batch.records).toEqual([
      { type: 'event', t: 1, event: 'start', later: [1], detail: {}, seq: 1, clock: true },
    ]);
    expect(batch.unknown).toEqual([{ type: 'weather', t: 2, x: 1, seq: 2, clock: true }]);
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['another schema', Buffer.from(seal([event]).toString().replace('records/1', 'records/9'))],
    ['no records', seal([])],
    ['a record without a type', seal(['{"t":1}'])],
    ['a record without its fields', seal(['{"type":"prediction","t":1}'])],
    ['a type from the prototype', seal(['{"type":"constructor"}'])],
    ['a boot that is none', seal([event], { ...address, boot: 'x' })],
    ['half a gzip', gzipSync(seal([event])).subarray(0, 30)],
  ])('is refused with %s', (_, payload) => {
    expect(refusal(payload).code).toBe('protocol.not-a-batch');
  });

  it.each([
    ['zeros', Buffer.alloc(MAX_BATCH_BYTES + 1)],
    ['64 MiB of blanks', Buffer.alloc(64 * 1024 * 1024, ' ')],
  ])('is refused before a gzip bomb of %s fills the memory, or the same unpacked', (_name, bytes) => {
    expect(refusal(gzipSync(bytes)).code).toBe('protocol.too-long');
    expect(refusal(bytes).code).toBe('protocol.too-long');
  });

  it('has 10,000 records at most, which are counted before anything is made of them', () => {
    const minute = (count: number) =>
      Buffer.from(`{"records":[${Array.from({ length: count }, () => '{}').join(',')}]}`);
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    for (const payload of [minute(MAX_BATCH_RECORDS + 1), gzipSync(minute(300_000))]) {
      expect(refusal(payload)).toMatchObject({
        code: 'protocol.not-a-batch',
        message: expect.stringContaining('10000'),
      });
    }
    expect(parse).not.toHaveBeenCalled();
    // The count is of records: what is in texts and within records is none.
    expect(refusal(minute(MAX_BATCH_RECORDS)).message).toContain('schema');
  });

  it('is not told from its texts: brackets, commas and escapes in them count for nothing', () => {
    const detail = JSON.stringify({
      text: `${'[{,'.repeat(20_000)}\\"`,
      list: Array.from({ length: 20_000 }, () => 0),
    });
    expect(decodeBatch(seal([event.replace('{}', detail)])).records).toHaveLength(1);
  });

  it('is 64 levels deep at most', () => {
    const nested = (levels: number) => event.replace('{}', `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    // Batch, list, record, detail.
    expect(decodeBatch(seal([nested(60)])).records).toHaveLength(1);
    expect(refusal(seal([nested(61)])).message).toContain('64 levels');
    expect(refusal(seal([nested(200_000)])).message).toContain('64 levels');
    const unknown = nested(200_000).replace('"event"', '"weather"');
    expect(refusal(seal([unknown])).message).toContain('64 levels');
  });
});

describe('other messages that nobody can write on', () => {
  const deep = Buffer.from(`{"id":"a","command":"status","x":${'['.repeat(30_000)}${']'.repeat(30_000)}}`);

  it('are refused before they are parsed', () => {
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    expect(() => decodeStatus(deep)).toThrow('64 levels');
    expect(() => decodeReceipt(deep)).toThrow('64 levels');
    expect(decodeCommand(deep)).toMatchObject({ id: undefined, problem: expect.stringContaining('64 levels') });
    expect(() => decodeStatus(Buffer.alloc(MAX_STATUS_BYTES + 1, ' '))).toThrow('bytes');
    expect(parse).not.toHaveBeenCalled();
  });

  it('keep what this version does not know', () => {
    const status = { ...statusOf(1, 0), later: { a: [1] } };
    expect(decodeStatus(Buffer.from(JSON.stringify(status)))).toEqual(status);
  });
});

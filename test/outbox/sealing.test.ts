import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from '../../src/common/core/index.ts';
import { decodeBatch, isGzip } from '../../src/common/protocol/index.ts';
import type { OutboxCore } from '../../src/storage/outbox/index.ts';
import { commitAll, entry, NOW, openCore } from './support/outbox.ts';

/** More than any configuration allows. */
const GREEDY = { maxBytes: 64 * 1024 * 1024, maxRecords: 1_000_000 };

function open(records: number, text: string): OutboxCore {
  const core = openCore();
  const body = (n: number) => JSON.stringify({ type: 'event', t: NOW, event: 'config', detail: { n, text } });
  const all = Array.from({ length: records }, (_, n) => entry(n, { type: 'event', body: body(n) }));
  core.append(all);
  commitAll(core);
  core.beginLive();
  return core;
}

it.each([
  ['many small records, in gzip', 10_500, '', true],
  ['many small records', 10_500, '', false],
  ['large records that pack well', 400, 'x'.repeat(8_000), true],
  ['large records', 400, 'x'.repeat(8_000), false],
])('however much is asked for, a consumer takes what is sealed of %s', (_name, count, text, gzip) => {
  const core = open(count, text);
  let records = 0;
  for (
    let batch = core.claim('backlog', { ...GREEDY, gzip });
    batch;
    batch = core.claim('backlog', { ...GREEDY, gzip })
  ) {
    expect(isGzip(batch.payload)).toBe(gzip);
    const plain = gzip ? gunzipSync(batch.payload) : batch.payload;
    expect([plain.byteLength <= MAX_BATCH_BYTES, batch.records <= MAX_BATCH_RECORDS]).toEqual([true, true]);
    expect(decodeBatch(batch.payload).records).toHaveLength(batch.records);
    records += batch.records;
  }
  expect(records).toBe(count);
  core.close(NOW);
});

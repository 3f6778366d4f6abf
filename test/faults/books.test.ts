import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Books } from './books.ts';
import { reading, timeOf } from './feed.ts';

const BOOT = 'a'.repeat(32);
const NEXT = 'b'.repeat(32);

function prediction(seq: number, n: number, value = n): object {
  const { asset } = reading(n);
  const t = timeOf(n);
  const outputs = { number: { value }, phase: { score: n % 100 } };
  return { type: 'prediction', seq, t, from: t, to: t, asset, output: { outputs } };
}

function loss(seq: number, boot: string, first: number, last: number): object {
  const counts = [{ pipeline: 'numbers', type: 'prediction', dropped: last - first + 1 }];
  return { type: 'loss', seq, boot, first, last, cause: 'outbox-full', counts };
}

function start(seq: number, previousBoot: string | null, previousLastSeq: number | null): object {
  return { type: 'event', event: 'start', seq, detail: { previousBoot, previousLastSeq } };
}

function batch(boot: string, ...records: object[]): Buffer {
  const seqs = records.map((record) => (record as { seq: number }).seq);
  const whole = { boot, first: Math.min(...seqs), last: Math.max(...seqs), records };
  return Buffer.from(JSON.stringify(whole));
}

describe('the books of the campaign', () => {
  it('find nothing where everything came, packed or not', () => {
    const books = new Books();
    books.records(batch(BOOT, start(1, null, null), prediction(2, 0)));
    books.records(gzipSync(batch(BOOT, prediction(3, 1))));
    books.status(Buffer.from(JSON.stringify({ boot: BOOT, seq: 3, queue: { level: 2 } })));
    expect(books.faults).toEqual([]);
    expect(books.boot(BOOT).missing()).toEqual([]);
    expect([books.delivered, books.copies, books.twice, books.level]).toEqual([3, 0, 0, 2]);
  });

  it('name the seqs that neither came nor are in a loss record, up to what the next start says', () => {
    const books = new Books();
    books.records(batch(BOOT, prediction(2, 0), prediction(5, 3)));
    books.records(batch(NEXT, start(1, BOOT, 8), loss(2, BOOT, 3, 4)));
    expect(books.boot(BOOT).missing()).toEqual([
      [1, 1],
      [6, 8],
    ]);
    expect(books.boot(BOOT).absent).toBe(6);
  });

  it('see between loss records, in whatever order they come, and within one another', () => {
    const books = new Books();
    books.records(batch(NEXT, start(1, BOOT, 20), loss(2, BOOT, 12, 15), loss(3, BOOT, 2, 9), loss(4, BOOT, 4, 6)));
    expect(books.boot(BOOT).missing()).toEqual([
      [1, 1],
      [10, 11],
      [16, 20],
    ]);
  });

  it('count what comes again, and do not mind', () => {
    const books = new Books();
    for (let times = 0; times < 3; times += 1) books.records(batch(BOOT, prediction(2, 0)));
    expect([books.faults, books.copies, books.delivered, books.twice]).toEqual([[], 2, 1, 0]);
  });

  it('see one name for two contents', () => {
    const books = new Books();
    books.records(batch(BOOT, prediction(2, 0)));
    books.records(batch(BOOT, prediction(2, 1)));
    expect(books.faults).toEqual([`${BOOT} 2 came with two contents`]);
  });

  it('see two names for one reading', () => {
    const books = new Books();
    books.records(batch(BOOT, prediction(2, 0)));
    books.records(batch(NEXT, prediction(2, 0)));
    expect(books.twice).toBe(1);
  });

  it.each([
    ['another number', prediction(2, 5, 6)],
    ['another asset', { ...prediction(2, 5), asset: 'machine-9' }],
    ['a time that no reading has', { ...prediction(2, 5), t: timeOf(5) + 1, to: timeOf(5) + 1 }],
  ])('see a prediction that is altered: %s', (_, record) => {
    const books = new Books();
    books.records(batch(BOOT, record));
    expect(books.faults[0]).toMatch(/is nothing that was fed/);
  });

  it('see a batch that does not say what it holds, and what is no batch', () => {
    const books = new Books();
    const whole = { boot: BOOT, first: 1, last: 2, records: [prediction(3, 0)] };
    books.records(Buffer.from(JSON.stringify(whole)));
    books.records(Buffer.from('{'));
    expect(books.faults).toEqual([`${BOOT} 3 is not in 1 to 2`, 'no batch: {']);
  });
});

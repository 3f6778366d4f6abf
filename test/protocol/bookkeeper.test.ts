import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WireRecord } from '../../src/common/core/index.ts';
import { Bookkeeper, RangeSet, type RecordBatch, type StatusMessage } from '../../src/common/protocol/index.ts';

const site = 'plant';
const device = 'gw1';
const boot = 'ab'.repeat(16);

function batch(...records: (number | { seq: number; first: number; last: number; boot?: string })[]): RecordBatch {
  const made = records.map((one): WireRecord => {
    if (typeof one === 'number') return { type: 'event', t: 0, event: 'config', detail: {}, seq: one, clock: true };
    return { type: 'loss', boot, t: 0, from: 0, to: 0, cause: 'outbox-full', counts: [], clock: true, ...one };
  });
  const seqs = made.map(({ seq }) => seq);
  return { site, device, boot, first: Math.min(...seqs), last: Math.max(...seqs), records: made, unknown: [] };
}

function status(seq: number): StatusMessage {
  return {
    ...{ schema: 'edgewright.status/1', site, device, online: true, boot, seq, at: 0, clock: true },
    versions: {},
    models: [],
    queue: { pending: 0, bytes: 0, level: 0 },
  };
}

describe('a set of ranges', () => {
  it('holds what a plain set holds', () => {
    const operation = fc.tuple(fc.nat(60), fc.nat(6)).map(([from, length]) => [from, from + length] as const);
    fc.assert(
      fc.property(fc.array(operation), fc.nat(70), fc.nat(70), (operations, a, b) => {
        const ranges = new RangeSet();
        const plain = new Set<number>();
        for (const [from, to] of operations) {
          ranges.add(from, to);
          for (let i = from; i <= to; i += 1) plain.add(i);
        }
        const all = Array.from({ length: 80 }, (_, i) => i);
        expect(all.filter((i) => ranges.has(i))).toEqual(all.filter((i) => plain.has(i)));
        expect(ranges.size).toBe(plain.size);
        for (const [i, [from]] of ranges.ranges.slice(1).entries())
          expect(from).toBeGreaterThan((ranges.ranges[i]?.[1] ?? 0) + 1);
        const holes = ranges.missing(a, b).flatMap(([from, to]) => all.slice(from, to + 1));
        expect(holes).toEqual(all.filter((i) => i >= a && i <= b && !plain.has(i)));
      }),
    );
  });
});

describe('the bookkeeper', () => {
  it('hands on each record once', () => {
    const books = new Bookkeeper();
    expect(books.batch(batch(1, 2, 3)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(books.batch(batch(2, 3, 4)).map(({ seq }) => seq)).toEqual([4]);
    expect(books.books()).toMatchObject([{ received: 4, duplicates: 2, highest: 4, missing: [] }]);
  });

  it('misses what the status says was given and nobody saw', () => {
    const books = new Bookkeeper();
    books.batch(batch(1, 2, 5));
    books.status(status(7));
    books.status(status(6));
    expect(books.books()).toMatchObject([
      {
        highest: 7,
        missing: [
          [3, 4],
          [6, 7],
        ],
      },
    ]);
  });

  it('accepts a loss, and what came nevertheless counts as received', () => {
    const books = new Bookkeeper();
    books.batch(batch(1, 4, { seq: 8, first: 2, last: 7 }));
    expect(books.books()).toMatchObject([{ received: 3, lost: 5, missing: [], highest: 8 }]);
    books.batch(batch(3));
    expect(books.books()).toMatchObject([{ received: 4, lost: 4, missing: [] }]);
  });

  it('enters a loss of an earlier boot there', () => {
    const earlier = 'cd'.repeat(16);
    const books = new Bookkeeper();
    books.batch(batch({ seq: 1, first: 1, last: 9, boot: earlier }));
    expect(books.books().map((book) => [book.boot, book.received, book.lost])).toEqual([
      [boot, 1, 0],
      [earlier, 0, 9],
    ]);
  });

  it('counts records of unknown types', () => {
    const books = new Bookkeeper();
    books.batch({ ...batch(1, 3), unknown: [{ type: 'weather', t: 0, seq: 2, clock: true }] });
    expect(books.books()).toMatchObject([{ received: 3, missing: [] }]);
  });

  it('keeps apart sites, devices and boots, and no more of them than it may', () => {
    const books = new Bookkeeper(2);
    books.batch({ ...batch(1), site: 'a' });
    books.batch({ ...batch(1), site: 'b' });
    books.batch({ ...batch(2), site: 'a' });
    books.batch({ ...batch(1), site: 'c' });
    expect(books.books().map((book) => [book.site, book.received])).toEqual([
      ['a', 2],
      ['c', 1],
    ]);
  });
});

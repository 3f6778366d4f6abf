import { describe, expect, it } from 'vitest';
import { Books, totalsOf } from '../../src/center/operator/index.ts';
import { BOOT, batchOf, OTHER_BOOT, statusOf } from './batches.ts';

describe('books of a watcher', () => {
  it('counts nothing as missing that was over when the watching began', () => {
    const books = new Books();
    books.status(statusOf(500, 3), true);
    books.batch(batchOf([510, 512]));
    books.batch(batchOf([514]));
    const missing = [
      [511, 511],
      [513, 513],
    ];
    expect(books.books()).toMatchObject([{ boot: BOOT, since: 509, received: 3, missing }]);
  });

  it('accepts what was still pending when the watching began', () => {
    const books = new Books();
    books.status(statusOf(500, 3), true);
    books.batch(batchOf([499, 500, 501]));
    expect(books.books()).toMatchObject([{ received: 3, missing: [] }]);
  });

  it('holds a boot that begins before its eyes to its first record', () => {
    const books = new Books();
    books.status(statusOf(1, 1), false);
    books.batch(batchOf([3]));
    expect(books.books()).toMatchObject([{ since: 0, missing: [[1, 2]] }]);
  });

  it('takes what is left of an earlier boot from where it begins', () => {
    const books = new Books();
    books.batch(batchOf([40, 41, 43], OTHER_BOOT));
    expect(books.books()).toMatchObject([{ boot: OTHER_BOOT, since: 39, missing: [[42, 42]] }]);
  });

  it('marks what came before as a duplicate and counts it once', () => {
    const books = new Books();
    books.batch(batchOf([1, 2]));
    const again = books.batch(batchOf([2, 3]));
    expect(again.map(({ record, duplicate }) => [record.seq, duplicate])).toEqual([
      [2, true],
      [3, false],
    ]);
    expect(totalsOf(books.books())).toEqual({ received: 3, duplicates: 1, lost: 0, missing: 0 });
  });

  it('keeps boots apart', () => {
    const books = new Books();
    books.batch(batchOf([1, 2]));
    books.batch(batchOf([1], OTHER_BOOT));
    expect(books.books().map(({ boot, received }) => [boot, received])).toEqual([
      [BOOT, 2],
      [OTHER_BOOT, 1],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { RecordAccount, totalsOf } from '../../src/center/operator/index.ts';
import { BOOT, batchOf, OTHER_BOOT, statusOf } from './batches.ts';

describe('books of a watcher', () => {
  it('counts nothing as missing that was over when the watching began', () => {
    const account = new RecordAccount();
    account.status(statusOf(500, 3), true);
    account.batch(batchOf([510, 512]));
    account.batch(batchOf([514]));
    const missing = [
      [511, 511],
      [513, 513],
    ];
    expect(account.books()).toMatchObject([{ boot: BOOT, since: 509, received: 3, missing }]);
  });

  it('accepts what was still pending when the watching began', () => {
    const account = new RecordAccount();
    account.status(statusOf(500, 3), true);
    account.batch(batchOf([499, 500, 501]));
    expect(account.books()).toMatchObject([{ received: 3, missing: [] }]);
  });

  it('holds a boot that begins before its eyes to its first record', () => {
    const account = new RecordAccount();
    account.status(statusOf(1, 1), false);
    account.batch(batchOf([3]));
    expect(account.books()).toMatchObject([{ since: 0, missing: [[1, 2]] }]);
  });

  it('takes what is left of an earlier boot from where it begins', () => {
    const account = new RecordAccount();
    account.batch(batchOf([40, 41, 43], OTHER_BOOT));
    expect(account.books()).toMatchObject([{ boot: OTHER_BOOT, since: 39, missing: [[42, 42]] }]);
  });

  it('marks what came before as a duplicate and counts it once', () => {
    const account = new RecordAccount();
    account.batch(batchOf([1, 2]));
    const again = account.batch(batchOf([2, 3]));
    expect(again.map(({ record, duplicate }) => [record.seq, duplicate])).toEqual([
      [2, true],
      [3, false],
    ]);
    expect(totalsOf(account.books())).toEqual({ received: 3, duplicates: 1, lost: 0, missing: 0 });
  });

  it('keeps boots apart', () => {
    const account = new RecordAccount();
    account.batch(batchOf([1, 2]));
    account.batch(batchOf([1], OTHER_BOOT));
    expect(account.books().map(({ boot, received }) => [boot, received])).toEqual([
      [BOOT, 2],
      [OTHER_BOOT, 1],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import type { ReceiptOptions } from '../../src/device/sync/awaited-receipts.ts';
import { Bench } from './bench.ts';

const RECEIPTS: ReceiptOptions = {
  ...{ timeout: 30_000, longest: 120_000, grace: 1_000 },
  ...{ batches: 3, records: 1_000, bytes: 1_000_000 },
};
const LIVE = 'claim live 100/100000';
const URGENT = 'claim urgent 100/100000';

/** Connected, and both lanes found empty after so many batches of 100 records went out and were acknowledged. */
function sent(batches: number, changes: Partial<ReceiptOptions> = {}): Bench {
  const bench = Bench.withoutAlarms({ window: 16, receipts: { ...RECEIPTS, ...changes } });
  for (let id = 1; id <= batches; id += 1) {
    bench.give(100);
    expect(bench.ack(id)[0]).toBe(`await ${id}`);
  }
  bench.give(0);
  return bench;
}

const received = (bench: Bench, ids: number[], records: number) => bench.on({ type: 'received', ids, records });

describe('with receipts', () => {
  it('an acknowledgement frees the place in the window and confirms nothing', () => {
    const bench = sent(2);
    expect(bench.drain).toMatchObject({ inFlight: 0, idle: true, awaiting: { batches: 2, records: 200 } });
    expect(received(bench, [1, 2], 200)).toEqual([]);
    expect(bench.drain.awaiting).toEqual({ batches: 0, records: 0, bytes: 0 });
    expect(bench.wakeIn).toBeUndefined();
  });

  it('what nobody confirms is offered again, and each time later', () => {
    const bench = sent(2);
    expect(bench.wakeIn).toBe(30_000);
    expect(bench.wait(29_999)).toEqual([]);
    expect(bench.wait(1)).toEqual(['release 1', 'release 2', URGENT]);
    bench.give(0);
    bench.give(100);
    bench.ack(3);
    bench.give(0);
    expect(bench.wakeIn).toBe(60_000);
  });

  it('a receipt says that somebody is there: what waited longer goes at once, and the time is the first again', () => {
    const bench = sent(2);
    bench.wait(30_000);
    bench.give(0);
    for (const id of [3, 4]) {
      bench.give(100);
      bench.ack(id);
    }
    bench.give(0);
    bench.wait(40_000);
    expect(received(bench, [3], 100)).toEqual(['release 4', URGENT]);
  });

  it('a new connection sends again what the broker may have forgotten, after a moment for receipts on their way', () => {
    const bench = sent(2);
    expect(bench.close()).toEqual([]);
    expect(bench.wait(100_000)).toEqual([]);
    expect(bench.connect()).toEqual([URGENT]);
    bench.give(0);
    bench.give(0);
    expect(received(bench, [1], 100)).toEqual([]);
    expect(bench.wakeIn).toBe(1_000);
    expect(bench.wait(1_000)).toEqual(['release 2', URGENT]);
  });

  it('there is a bound to what awaits them; alarms have some more', () => {
    const bench = sent(2);
    bench.commit(100);
    bench.give(100);
    bench.give(0);
    expect(bench.ack(3)).toEqual(['await 3']);
    expect(bench.commit(100)).toEqual([]);
    expect(bench.commit(1, 1)).toEqual([URGENT]);
    bench.give(1);
    bench.give(0);
    expect(bench.ack(4)).toEqual(['await 4']);
    expect(bench.commit(1, 1)).toEqual([]);
    expect(received(bench, [1, 2], 200)).toEqual([URGENT]);
    expect(bench.give(1)).toEqual(['publish 5', URGENT]);
    expect(bench.give(0)).toEqual([LIVE]);
  });

  it('one that overtakes the acknowledgement counts', () => {
    const bench = Bench.withoutAlarms({ receipts: RECEIPTS });
    bench.give(100);
    received(bench, [1], 100);
    expect(bench.ack(1)[0]).toBe('await 1');
    expect(bench.drain.awaiting).toEqual({ batches: 0, records: 0, bytes: 0 });
  });

  it('an orderly end waits for those that are on their way', () => {
    const bench = sent(1);
    bench.on({ type: 'flush' });
    bench.give(0);
    bench.give(0);
    expect(bench.drain.idle).toBe(false);
    received(bench, [1], 100);
    expect(bench.drain.idle).toBe(true);
  });

  it('one for a part of a batch does not end it', () => {
    const bench = sent(1);
    received(bench, [], 50);
    expect(bench.wait(30_000)[0]).toBe('release 1');
  });
});

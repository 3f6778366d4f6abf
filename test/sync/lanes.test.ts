import { describe, expect, it } from 'vitest';
import { Bench } from './bench.ts';

const claim = (lane: string, bytes = 100_000) => `claim ${lane} 100/${bytes}`;
/** What a fresh connection lets the backlog have in flight. */
const FIRST = 65_536;

/** Connected; nothing urgent, nothing live, nothing wanted again. */
function backlogged(options: ConstructorParameters<typeof Bench>[0] = {}): Bench {
  const bench = new Bench({ window: 16, ...options }, ['again']);
  bench.connect();
  bench.give(0);
  expect(bench.give(0)).toEqual([claim('backlog', FIRST)]);
  return bench;
}

describe('lanes', () => {
  it('alarms, then what is new, then what waited, then what is wanted again', () => {
    const bench = new Bench({}, []);
    expect(bench.connect()).toEqual([claim('urgent')]);
    expect([bench.give(0), bench.give(0), bench.give(0)]).toEqual([
      [claim('live')],
      [claim('backlog', FIRST)],
      [claim('again', FIRST)],
    ]);
    expect(bench.give(0)).toEqual([]);
  });

  it('looks into every lane again when something may have come back', () => {
    const bench = new Bench({}, []);
    bench.connect();
    for (const lane of ['live', 'backlog', 'again']) expect(bench.give(0)).toEqual([expect.stringContaining(lane)]);
    expect(bench.give(0)).toEqual([]);
    expect(bench.on({ type: 'offered' })).toEqual([claim('urgent')]);
    for (const lane of ['live', 'backlog', 'again']) expect(bench.give(0)).toEqual([expect.stringContaining(lane)]);
  });

  it('the backlog keeps to its rate, and live records do not wait for it', () => {
    const bench = backlogged({ rate: 10_000 });
    expect(bench.give(50, 5_000)).toEqual(['publish 1']);
    expect(bench.ack(1)).toEqual(['confirm 1']);
    // 500 ms of the rate, of which a pause before lets it make up for 250.
    expect(bench.wakeIn).toBe(250);
    expect(bench.commit(1)).toEqual([claim('live')]);
    expect(bench.give(1)).toEqual(['publish 2']);
    bench.ack(2);
    expect(bench.wait(250)).toEqual([claim('backlog', 100_000)]);
    expect(bench.give(50, 5_000)).toEqual(['publish 3']);
    expect(bench.wakeIn).toBe(500);
  });

  it('the backlog leaves a place in the window to live records, and these one to alarms', () => {
    const bench = backlogged({ window: 4 });
    expect(bench.give(1, 100)).toEqual(['publish 1', claim('backlog', FIRST)]);
    expect(bench.give(1, 100)).toEqual(['publish 2']);
    expect(bench.commit(1)).toEqual([claim('live')]);
    expect(bench.give(1, 100)).toEqual(['publish 3']);
    expect(bench.commit(100)).toEqual([]);
    expect(bench.commit(1, 1)).toEqual([claim('urgent')]);
  });

  it('the backlog gives way on a link that it slows down, in bytes in flight and in the size of a batch', () => {
    const bench = backlogged();
    bench.give(100, 30_000);
    bench.now += 100;
    bench.give(100, 30_000);
    bench.ack(1);
    bench.give(100, 30_000);
    bench.now += 400;
    for (const id of [2, 3]) bench.ack(id);
    expect(bench.give(100, 20_480)).toEqual(['publish 4']);
    bench.now += 400;
    expect(bench.ack(4)).toEqual(['confirm 4', claim('backlog', 10_240)]);
  });

  it('nothing but what is allowed is claimed, and what is not does not keep it from ending', () => {
    const bench = backlogged();
    bench.give(0);
    expect(bench.on({ type: 'allowed', urgent: true, others: false })).toEqual([]);
    expect(bench.commit(500)).toEqual([]);
    expect([bench.wakeIn, bench.drain.idle]).toEqual([undefined, true]);
    expect(bench.commit(1, 1)).toEqual([claim('urgent')]);
    bench.give(0);
    expect(bench.on({ type: 'allowed', urgent: true, others: true })).toEqual([claim('live')]);
  });
});

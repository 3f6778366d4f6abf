import { describe, expect, it } from 'vitest';
import { Bench } from './bench.ts';

const URGENT = 'claim urgent 100/100000';
const LIVE = 'claim live 100/100000';

describe('what is sent when', () => {
  it('nothing without a connection', () => {
    const bench = new Bench();
    expect([bench.commit(500, 5), bench.wait(10_000), bench.wakeIn]).toEqual([[], [], undefined]);
  });

  it('alarms first, then live records without a pause until it is empty', () => {
    const bench = new Bench();
    expect(bench.connect()).toEqual([URGENT]);
    expect(bench.give(2)).toEqual(['publish 1', URGENT]);
    expect(bench.give(0)).toEqual([LIVE]);
    expect(bench.give(30)).toEqual(['publish 2', LIVE]);
    expect(bench.give(0)).toEqual([]);
    expect(bench.wakeIn).toBeUndefined();
  });

  it('the first record at once, the next ones together after the linger', () => {
    const bench = Bench.live({ linger: 250 });
    expect(bench.commit(1)).toEqual([LIVE]);
    expect(bench.give(1)).toEqual(['publish 1']);
    bench.now += 100;
    expect([bench.commit(5), bench.commit(5)]).toEqual([[], []]);
    expect(bench.wakeIn).toBe(150);
    expect(bench.wait(150)).toEqual([LIVE]);
    expect(bench.give(10)).toEqual(['publish 2']);
    expect(bench.wakeIn).toBeUndefined();
  });

  it('a full batch without lingering', () => {
    const bench = Bench.lingering();
    expect(bench.commit(99)).toEqual([]);
    expect(bench.commit(1)).toEqual([LIVE]);
    expect(bench.give(100)).toEqual(['publish 2', LIVE]);
  });

  it('alarms at once, whatever else lingers or waits for its acknowledgement', () => {
    const bench = Bench.live({ window: 2 });
    expect(bench.commit(100)).toEqual([LIVE]);
    expect(bench.give(100)).toEqual(['publish 1']);
    expect(bench.commit(200)).toEqual([]);
    expect(bench.commit(1, 1)).toEqual([URGENT]);
    expect(bench.give(1)).toEqual(['publish 2']);
  });

  it('both lanes are asked when nobody says what was committed', () => {
    const bench = Bench.lingering();
    expect(bench.on({ type: 'committed', records: 3 })).toEqual([URGENT]);
    expect(bench.give(0)).toEqual([]);
    expect(bench.wait(250)).toEqual([LIVE]);
  });

  it('what is committed while a claim comes back empty', () => {
    const bench = Bench.lingering({ linger: 250 });
    bench.commit(1);
    expect(bench.wait(250)).toEqual([LIVE]);
    expect(bench.commit(3)).toEqual([]);
    expect(bench.give(0)).toEqual([LIVE]);
    expect(bench.give(0)).toEqual([]);
  });

  it('everything without lingering when it is to end', () => {
    const bench = Bench.lingering();
    bench.commit(5);
    expect(bench.on({ type: 'flush' })).toEqual([URGENT]);
    expect(bench.drain.idle).toBe(false);
    expect(bench.give(0)).toEqual([LIVE]);
    expect(bench.give(5)).toEqual(['publish 2']);
    expect(bench.drain.idle).toBe(false);
    bench.ack(2);
    expect(bench.drain.idle).toBe(true);
  });
});

describe('the window', () => {
  it('holds as many batches as the broker takes, less one for status messages', () => {
    const bench = Bench.withoutAlarms({ window: 16 }, 4);
    expect([bench.give(100), bench.give(100)]).toEqual([['publish 1', LIVE], ['publish 2']]);
    expect(bench.commit(1, 1)).toEqual([URGENT]);
    expect(bench.give(1)).toEqual(['publish 3']);
    expect(bench.commit(1, 1)).toEqual([]);
    expect(bench.ack(1)).toEqual(['confirm 1', URGENT]);
  });

  it('holds no more bytes than it may', () => {
    const bench = Bench.withoutAlarms({ window: 16, windowBytes: 150_000 });
    bench.give(100, 100_000);
    expect(bench.give(100, 100_000)).toEqual(['publish 2']);
    expect(bench.ack(1)).toEqual(['confirm 1', LIVE]);
  });

  it('works with a broker that takes one at a time', () => {
    const bench = new Bench();
    bench.connect(1);
    bench.give(0);
    expect(bench.give(100)).toEqual(['publish 1']);
    expect(bench.ack(1)).toEqual(['confirm 1', LIVE]);
  });
});

describe('the connection', () => {
  it('gives back everything in flight when it ends, and confirms nothing after', () => {
    const bench = Bench.withoutAlarms();
    bench.give(100);
    bench.give(100);
    expect(bench.ack(1)).toEqual(['confirm 1']);
    expect(bench.close()).toEqual(['release 2']);
    expect([bench.ack(2), bench.on({ type: 'unsent', id: 2 })]).toEqual([[], []]);
  });

  it('gives back a batch that was claimed for one that has ended', () => {
    const bench = new Bench();
    bench.connect();
    bench.close();
    expect(bench.give(3)).toEqual(['release 1']);
  });

  it('is tried with a single batch after one was lost', () => {
    const bench = Bench.withoutAlarms();
    bench.give(100);
    bench.give(100);
    bench.close();
    bench.give(0);
    expect(bench.connect()).toEqual([URGENT]);
    bench.give(0);
    expect(bench.give(100)).toEqual(['publish 3']);
    expect(bench.ack(3)).toEqual(['confirm 3', LIVE]);
    expect(bench.give(100)).toEqual(['publish 4', LIVE]);
  });

  it('that ends again and again on the same batch makes it smaller', () => {
    const bench = new Bench();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(bench.connect()).toEqual([URGENT]);
      expect(bench.give(0)).toEqual([LIVE]);
      bench.give(100, 80_000);
      bench.close();
      if (attempt === 0) bench.give(0);
    }
    bench.connect();
    expect(bench.give(0)).toEqual(['claim live 50/40000']);
  });

  it('that ends for no reason never condemns a record', () => {
    const bench = new Bench();
    for (let attempt = 0; attempt < 20; attempt += 1) {
      bench.connect();
      bench.give(0);
      bench.give(1, 5_000);
      expect(bench.close()).toEqual([`release ${attempt + 1}`]);
      if (attempt === 0) bench.give(0);
    }
  });
});

describe('a refusal', () => {
  it('as too large halves the batch, and growth stays below what was refused', () => {
    const bench = Bench.withoutAlarms();
    bench.give(100, 50_000);
    expect(bench.ack(1, 149)).toEqual(['release 1']);
    bench.commit(10_000);
    expect(bench.give(0)).toEqual(['claim live 50/25000']);
    for (let id = 2; id < 30; id += 1) {
      bench.give(50, 10_000);
      bench.ack(id);
    }
    expect(bench.give(50, 10_000)).toEqual(['publish 30', 'claim live 100/40000']);
  });

  it('as too large of a batch that was larger than asked for takes away records only', () => {
    const bench = new Bench();
    bench.connect(20, 20_104);
    expect(bench.give(0)).toEqual(['claim live 100/20000']);
    bench.give(100, 40_000);
    bench.ack(1, 149);
    expect(bench.give(0)).toEqual(['claim live 45/20000']);
  });

  it.each([149, 153])('with %i of a single record is its end', (reason) => {
    const bench = Bench.live();
    bench.commit(1);
    bench.wait(250);
    bench.give(1, 200_000);
    expect(bench.ack(1, reason)[0]).toBe(`reject 1 for ${reason}`);
  });

  it('by a broker that hangs up over the size condemns a single record only when it was alone', () => {
    const bench = Bench.withoutAlarms();
    bench.give(1, 200_000);
    bench.give(1, 100);
    expect(bench.close(true)).toEqual(['release 1', 'release 2']);
    bench.give(0);
    bench.connect();
    bench.give(0);
    bench.give(1, 200_000);
    expect(bench.close(true)).toEqual(['reject 3 for 149']);
  });

  it.each([0x10, 131, 135, 144, 151, 128])(
    'with reason %i is no confirmation: later, ever later, one at a time',
    (reason) => {
      const bench = new Bench();
      bench.connect();
      bench.give(0);
      bench.give(100);
      bench.give(100);
      expect(bench.ack(1, reason)).toEqual(['release 1']);
      bench.give(100);
      expect([bench.ack(2, reason), bench.ack(3, reason)]).toEqual([['release 2'], ['release 3']]);
      expect([bench.wakeIn, bench.drain.paused, bench.drain.idle]).toEqual([1_000, true, true]);
      expect(bench.wait(1_000)).toEqual([LIVE]);
      expect(bench.give(100)).toEqual(['publish 4']);
      expect(bench.ack(4, reason)).toEqual(['release 4']);
      expect(bench.wakeIn).toBe(1_500);
      bench.wait(1_500);
      bench.give(100);
      expect(bench.ack(5)).toEqual(['confirm 5', LIVE]);
      expect(bench.drain.paused).toBe(false);
      bench.give(100);
      bench.ack(6, reason);
      bench.give(0);
      expect(bench.wakeIn).toBe(1_000);
    },
  );

  it('by the outbox is tried again later', () => {
    const bench = new Bench();
    bench.connect();
    expect(bench.on({ type: 'claim-failed', lane: 'urgent' })).toEqual([]);
    expect(bench.wait(1_000)).toEqual([URGENT]);
  });
});

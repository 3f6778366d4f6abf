import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pacer } from '../../src/scoring/sources/pacer.ts';
import { play } from '../../src/scoring/sources/playback.ts';
import { KeepingSink } from './support.ts';

describe('pace in event time', () => {
  it('makes a reading due at its distance from the first, divided by the factor', () => {
    const pacer = new Pacer(60);
    expect(pacer.wait(1e12, 500)).toBe(0);
    expect(pacer.wait(1e12 + 60_000, 500)).toBe(1000);
    expect(pacer.wait(1e12 + 60_000, 1200)).toBe(300);
    expect(pacer.wait(1e12 + 120_000, 2500)).toBe(0);
  });

  it('catches up after a delay instead of shifting everything behind it', () => {
    const pacer = new Pacer('realtime');
    pacer.wait(0, 0);
    expect(pacer.wait(1000, 5000)).toBeLessThanOrEqual(0);
    expect(pacer.wait(6000, 5000)).toBe(1000);
  });

  it('goes on without a pause where event time goes back', () => {
    const pacer = new Pacer('realtime');
    pacer.wait(0, 0);
    pacer.wait(5000, 5000);
    expect(pacer.wait(1000, 5000)).toBe(0);
    expect(pacer.wait(3000, 5000)).toBe(2000);
  });

  it('never waits at full speed', () => {
    const pacer = new Pacer('max');
    fc.assert(fc.property(fc.double({ noNaN: true }), (t) => pacer.wait(t, 0) <= 0));
  });
});

describe('playback', () => {
  const chunk = (times: readonly number[]) => times.map((t) => ({ reading: { asset: 'a', t, values: { x: 1 } } }));

  /** A clock that moves only when somebody sleeps. */
  function fakeTime() {
    let now = 0;
    const slept: number[] = [];
    const clock = { now: () => now, monotonic: () => now, trusted: () => true };
    const sleep = async (ms: number) => {
      slept.push(ms);
      now += ms;
    };
    return { clock, sleep, slept };
  }

  it('sleeps as long as event time says', async () => {
    const time = fakeTime();
    const sink = new KeepingSink();
    await play([chunk([0, 1000, 1000, 4000])], new Pacer(2), sink, time, new AbortController().signal);
    expect(time.slept).toEqual([500, 1500]);
    expect(sink.readings.map(({ t }) => t)).toEqual([0, 1000, 1000, 4000]);
    expect(sink.ends).toBe(1);
  });

  it('sleeps through a long gap in pieces that a timer can hold', async () => {
    const time = fakeTime();
    const sink = new KeepingSink();
    const gap = 60 * 86_400e3;
    await play([chunk([0, gap])], new Pacer(1), sink, time, new AbortController().signal);
    expect(time.slept.reduce((sum, ms) => sum + ms, 0)).toBe(gap);
    expect(Math.max(...time.slept)).toBeLessThan(2 ** 31);
  });

  it('asks again for credit until there is some', async () => {
    const sink = new KeepingSink();
    const answers = [Promise.resolve(), Promise.resolve(), undefined];
    sink.credit = () => answers.shift();
    await play([chunk([0])], new Pacer('max'), sink, fakeTime(), new AbortController().signal);
    expect(answers).toHaveLength(0);
    expect(sink.readings).toHaveLength(1);
  });

  it('ends without a word when it is told to stop in its sleep', async () => {
    const stop = new AbortController();
    const sink = new KeepingSink();
    const sleep = async () => stop.abort();
    await play([chunk([0, 1000])], new Pacer(1), sink, { ...fakeTime(), sleep }, stop.signal);
    expect(sink.readings).toHaveLength(1);
    expect(sink.ends).toBe(0);
  });

  it('gives others their turn while it plays at full speed', async () => {
    const sink = new KeepingSink();
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    const endless = function* () {
      for (let t = 0; turns < 3; t++) yield chunk([t]);
    };
    await play(endless(), new Pacer('max'), sink, fakeTime(), new AbortController().signal);
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('counts what breaks off the readings, and ends', async () => {
    function* broken() {
      yield chunk([0, 1]);
      throw new RangeError('the reader threw');
    }
    const sink = new KeepingSink();
    await play(broken(), new Pacer('max'), sink, fakeTime(), new AbortController().signal);
    expect([sink.readings.length, sink.rejected, sink.ends]).toEqual([
      2,
      [{ reason: 'failed', detail: 'the readings broke off: the reader threw' }],
      1,
    ]);
  });
});

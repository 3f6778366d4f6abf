import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/common/core/index.ts';
import { createAssetWindows, type ReadingOrigin } from '../../src/scoring/windows/index.ts';
import { Rig, type RigOptions } from './support.ts';

const A = [{ name: 'A' }];
const AB = [{ name: 'A' }, { name: 'B' }];
const SECOND = 1000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const ROWS = { count: 2, every: 1 };
const TIME = { length: 100 };
const KINDS = [
  ['count', ROWS],
  ['time', TIME],
] as const;

/** A machine's windows and the processing time at which its readings come. */
class Line extends Rig {
  now = 0;

  /** A reading each `every` ms of event time in [from, to), at `pace` times the time that passes. */
  stream(from: number, to: number, every: number, pace = 1, origin?: ReadingOrigin): void {
    for (let t = from; t < to; t += every) {
      this.now += every / pace;
      this.push(t, { A: t }, this.now, origin);
    }
  }

  /** Lets time pass and takes a reading. */
  after(ms: number, t: number, samples: Readonly<Record<string, number>>): void {
    this.now += ms;
    this.push(t, samples, this.now);
  }

  /** Readings that come all at once. */
  burst(from: number, to: number, every: number, origin?: ReadingOrigin): void {
    this.stream(from, to, every, Number.POSITIVE_INFINITY, origin);
  }

  /** Ends of the windows, each beside the one before. */
  get back(): number {
    return this.windows.filter(({ to }, index) => to <= (this.windows[index - 1]?.to ?? Number.NEGATIVE_INFINITY))
      .length;
  }
}

const T = 100 * DAY;

describe.each(KINDS)('a clock that was set back: %s windows', (_, window) => {
  it('go on behind 30 readings and 2 s, at the pace of time', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 60 * SECOND, 100);
    line.stream(T - HOUR, T - HOUR + 60 * SECOND, 100);
    expect(line.counters).toMatchObject({ late: 29, stepped: 1 });
    expect(line.windows.at(-1)?.to).toBeLessThan(T - HOUR + 61 * SECOND);
    expect(line.back).toBe(1);
  });

  it('go on with a slow machine behind 30 readings', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 10 * HOUR, 10 * 60 * SECOND);
    line.stream(T - DAY, T - DAY + 10 * HOUR, 10 * 60 * SECOND);
    expect(line.counters).toMatchObject({ late: 29, stepped: 1 });
  });

  it('go on where 50 readings come in each message', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 60 * SECOND, SECOND);
    for (let t = T - HOUR; t < T - HOUR + 500 * SECOND; t += 50 * SECOND) {
      line.now += 50 * SECOND;
      line.burst(t, t + 50 * SECOND, SECOND);
    }
    expect(line.counters.stepped).toBe(1);
    expect(line.counters.late).toBeLessThanOrEqual(100);
  });

  it('go on behind a broker’s queue that drained in a burst', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 60 * SECOND, SECOND);
    line.burst(T - 10 * HOUR, T - 9 * HOUR, SECOND);
    line.stream(T - 9 * HOUR, T - 9 * HOUR + 100 * SECOND, SECOND);
    expect(line.counters).toMatchObject({ late: 3600 + 28, stepped: 1 });
  });

  it('go on where a backlog came in between, ahead of the clock', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 60 * SECOND, SECOND);
    line.stream(T - 5 * HOUR, T - 5 * HOUR + 5 * SECOND, SECOND);
    line.burst(T - HOUR, T - HOUR + 60 * SECOND, SECOND);
    line.stream(T - 5 * HOUR + 5 * SECOND, T - 5 * HOUR + 200 * SECOND, SECOND);
    expect(line.counters.stepped).toBe(1);
    expect(line.counters.late).toBeLessThan(5 + 60 + 61);
  });

  it('go on at once behind 30 readings that are older than any backlog', () => {
    for (const origin of [undefined, 'recording'] as const) {
      const line = new Line({ tags: A, window });
      const year2000 = Date.UTC(2000, 0);
      line.burst(Date.UTC(2026, 5), Date.UTC(2026, 5) + 60 * SECOND, SECOND, origin);
      line.burst(year2000, year2000 + 60 * SECOND, SECOND, origin);
      expect(line.counters).toMatchObject({ late: 29, stepped: 1 });
    }
  });

  it('let a single time far in the future pass away', () => {
    const line = new Line({ tags: A, window });
    line.push(Date.UTC(2099, 0), { A: 0 });
    line.burst(0, 100 * SECOND, SECOND);
    expect(line.counters).toMatchObject({ late: 29, stepped: 1, accepted: 71 });
  });

  it('go on where the times of the tags take turns', () => {
    const line = new Line({ tags: AB, window, lateness: 50 });
    for (let t = T; t < T + 10 * SECOND; t += 100) line.after(100, t, { A: t, B: t });
    const before = line.windows.length;
    for (let t = T - HOUR; t < T - HOUR + 20 * SECOND; t += 100) {
      line.after(50, t, { A: t });
      line.after(50, t - 25, { B: t });
    }
    expect(line.counters.stepped).toBe(1);
    expect(line.windows.length - before).toBeGreaterThan(50);
  });

  it('go on where a tag stands still at the first time of the new ones', () => {
    const line = new Line({ tags: AB, window });
    for (let t = T; t < T + 10 * SECOND; t += 100) line.after(100, t, { A: t, B: t });
    for (let t = T - HOUR; t < T - HOUR + 20 * SECOND; t += 100) {
      line.after(100, t, { A: t });
      line.push(T - HOUR, { B: 1 }, line.now);
    }
    expect(line.counters.stepped).toBe(1);
  });

  it('go on over a restart in the midst, and over one of an earlier program', () => {
    for (const cut of [0, 40]) {
      const options = { tags: A, window, lateness: 0, idle: 60 * SECOND, maxMissing: 0, maxReadings: 1000 };
      const push = (windows: ReturnType<typeof createAssetWindows>, t: number, now: number) => {
        const outcome = windows.push(t, Float64Array.of(t), Uint32Array.of(0), now);
        while (windows.next());
        return outcome;
      };
      const first = createAssetWindows(options);
      for (let t = T; t < T + 60 * SECOND; t += SECOND) push(first, t, t - T);
      for (let i = 0; i < 20; i += 1) push(first, T - HOUR + i * SECOND, (60 + i) * SECOND);
      const out = new ByteWriter();
      first.save(out, 80 * SECOND);
      const bytes = out.take();
      const second = createAssetWindows(options);
      // What is known of the pace was not written by earlier programs: 40 bytes at the end.
      second.restore(new ByteReader(bytes.subarray(0, bytes.length - cut)), 5 * SECOND);
      const outcomes = Array.from({ length: 40 }, (_, i) =>
        push(second, T - HOUR + (20 + i) * SECOND, (5 + i) * SECOND),
      );
      expect(outcomes.indexOf('stepped')).toBe(cut === 0 ? 9 : 29);
    }
  });
});

describe.each(KINDS)('a backlog is no clock that was set back: %s windows', (_, window) => {
  it.each([
    ['100 readings an hour old', HOUR, 100, SECOND],
    ['two days', 2 * DAY, 17_280, 10 * SECOND],
    ['a vibration', HOUR, 20_000, 1],
  ])('%s that come at once', (_, age, count, every) => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 40 * SECOND, SECOND);
    line.burst(T - age, T - age + count * every, every);
    line.stream(T + 40 * SECOND, T + 80 * SECOND, SECOND);
    expect(line.counters).toMatchObject({ late: count, stepped: 0, accepted: 80 });
    expect(line.back).toBe(0);
  });

  it('that is fed at twice the pace of time for an hour', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 40 * SECOND, SECOND);
    line.stream(T - 5 * HOUR, T - 3 * HOUR, SECOND, 2);
    expect(line.counters).toMatchObject({ late: 7200, stepped: 0 });
  });

  it('that comes at the pace of time, between live readings', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 40 * SECOND, SECOND);
    for (let i = 0; i < 600; i += 1) {
      line.after(SECOND, T - HOUR + i * SECOND, { A: i });
      if (i % 20 === 0) line.push(T + (40 + i) * SECOND, { A: i }, line.now);
    }
    expect(line.counters).toMatchObject({ late: 600, stepped: 0 });
  });

  it('that stands still for a while', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 40 * SECOND, SECOND);
    for (let part = 0; part < 10; part += 1) {
      line.now += 30 * SECOND;
      line.stream(T - HOUR + part * 100 * SECOND, T - HOUR + (part + 1) * 100 * SECOND, 100, 3);
    }
    expect(line.counters).toMatchObject({ late: 10_000, stepped: 0 });
  });

  it('that is a moment of delay', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 40 * SECOND, 20);
    line.stream(T + 30 * SECOND, T + 31.5 * SECOND, 20);
    expect(line.counters).toMatchObject({ stepped: 0 });
  });

  it('that comes in several parts, the older ones later', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 40 * SECOND, SECOND);
    for (let part = 1; part < 20; part += 1) {
      line.now += 5 * SECOND;
      line.burst(T - part * HOUR, T - part * HOUR + 25 * SECOND, SECOND);
    }
    expect(line.counters).toMatchObject({ late: 19 * 25, stepped: 0 });
  });

  it('of a recording, however slowly it is read', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 40 * SECOND, SECOND, 1, 'recording');
    line.stream(T - 30 * DAY, T - 30 * DAY + HOUR, SECOND, 0.5, 'recording');
    expect(line.counters).toMatchObject({ late: 3600, stepped: 0 });
  });

  it('that is sent again', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 100 * SECOND, 100);
    line.stream(T, T + 50 * SECOND, 100, 1, 'again');
    expect(line.counters).toMatchObject({ late: 500, stepped: 0 });
    expect(line.push(T + 100 * SECOND, { A: 1 }, line.now, 'again')).toBe('accepted');
  });

  it('in no order', () => {
    const line = new Line({ tags: A, window });
    line.stream(T, T + 100 * SECOND, SECOND);
    for (let i = 0; i < 100; i += 1) line.after(SECOND, T - HOUR + ((i * 37) % 100) * SECOND, { A: i });
    for (let i = 0; i < 100; i += 1) line.after(SECOND, T - 2 * HOUR - i * SECOND, { A: i });
    expect(line.counters).toMatchObject({ late: 200, stepped: 0 });
  });
});

describe('late readings', () => {
  it('do not make windows wait again for a tag that is long silent, where the clock was set back', () => {
    const line = new Line({ tags: AB, window: TIME, idle: SECOND });
    line.push(T, { B: 0 }, 0);
    line.stream(T, T + 60 * SECOND, 100);
    line.stream(T - HOUR, T - HOUR + 11 * SECOND, 100);
    expect(line.counters.stepped).toBe(1);
    expect(line.windows.at(-1)).toMatchObject({ from: T - HOUR + 10_800, code: 'BadNoCommunication' });
  });

  it('are duplicates where a broker sends rows again', () => {
    const line = new Line({ tags: A, window: { count: 50, every: 1 } });
    line.stream(0, 100, 1);
    line.burst(55, 95, 1);
    expect(line.counters).toMatchObject({ accepted: 100, duplicate: 40, stepped: 0 });
  });

  it('are of no clock where silence closed their window', () => {
    const line = new Line({ tags: A, window: { length: 100 * SECOND }, idle: 100 });
    line.push(0, { A: 0 }, 0);
    line.tick(100);
    for (let t = SECOND; t < 100 * SECOND; t += SECOND) line.push(t, { A: t }, t);
    expect(line.counters).toMatchObject({ late: 99, stepped: 0 });
    expect(line.push(100 * SECOND, { A: 1 }, 100 * SECOND)).toBe('accepted');
  });
});

interface Backlog {
  readonly readings: number;
  readonly age: number;
  readonly pace: number;
  /** Readings that come in one message. */
  readonly batch: number;
  /** So many readings between two live ones; 0 for none. */
  readonly liveEvery: number;
}

/** Live readings each `every` ms, and backlogs of times between these. */
class Feed extends Line {
  readonly #every: number;
  #live = T;

  constructor(options: RigOptions, every: number) {
    super(options);
    this.#every = every;
  }

  live(readings: number): void {
    for (let i = 0; i < readings; i += 1) this.#next(this.#every);
  }

  backlog({ readings, age, pace, batch, liveEvery }: Backlog): void {
    const first = this.#live - age;
    for (let i = 0; i < readings && first + i * this.#every < this.#live; i += 1) {
      const t = first + i * this.#every + 0.5;
      this.after(i % batch === 0 ? (batch * this.#every) / pace : 0, t, { A: t });
      if (liveEvery > 0 && i % liveEvery === 0) this.#next(0);
    }
  }

  #next(ms: number): void {
    this.after(ms, this.#live, { A: this.#live });
    this.#live += this.#every;
  }
}

describe('any order of live readings and backlogs', () => {
  const piece = fc.oneof(
    fc.record({ kind: fc.constant('live' as const), readings: fc.integer({ min: 1, max: 60 }) }),
    fc.record({
      kind: fc.constant('backlog' as const),
      readings: fc.integer({ min: 1, max: 400 }),
      age: fc.integer({ min: 1, max: 20 * DAY }),
      pace: fc.constantFrom(3, 3.5, 10, 1000, Number.POSITIVE_INFINITY),
      batch: fc.constantFrom(1, 10, 50),
      liveEvery: fc.constantFrom(0, 7, 50),
    }),
  );
  const setting = fc.record({
    window: fc.constantFrom({ count: 3, every: 2 }, { length: 5 * SECOND }, { length: 9 * SECOND, every: 3 * SECOND }),
    lateness: fc.constantFrom(0, 5 * SECOND, HOUR),
    every: fc.constantFrom(10, SECOND, 60 * SECOND),
  });

  it('gives no window twice and none that is earlier than one before, and counts what is late', () => {
    fc.assert(
      fc.property(setting, fc.array(piece, { minLength: 1, maxLength: 12 }), ({ window, lateness, every }, pieces) => {
        const line = new Feed({ tags: A, window, lateness }, every);
        for (const one of pieces) {
          if (one.kind === 'live') line.live(one.readings);
          else line.backlog(one);
        }
        line.flush();
        expect(line.counters.stepped).toBe(0);
        expect(line.back).toBe(0);
        expect(line.counters.late + line.counters.accepted + line.counters.duplicate).toBe(line.outcomes.length);
      }),
      { numRuns: 300 },
    );
  });

  it('is answered again behind a clock that was set back, within 30 readings and 2 s and eight times the delay', () => {
    const step = fc.record({
      back: fc.integer({ min: 2 * HOUR, max: 1000 * DAY }),
      delay: fc.integer({ min: 0, max: 8 * SECOND }),
      delays: fc.array(fc.nat(1000), { minLength: 200, maxLength: 200 }),
    });
    fc.assert(
      fc.property(setting, step, ({ window, lateness, every }, { back, delay, delays }) => {
        const line = new Line({ tags: A, window, lateness });
        line.stream(T, T + 60 * every, every);
        const began = line.now;
        let stepped = Number.POSITIVE_INFINITY;
        for (let i = 0; i < 30_000 && stepped === Number.POSITIVE_INFINITY; i += 1) {
          const arrival = began + i * every + (delay * (delays[i % delays.length] ?? 0)) / 1000;
          line.now = Math.max(line.now, arrival);
          if (line.push(T - back + i * every, { A: i }, line.now) === 'stepped') stepped = line.now;
        }
        expect(stepped - began).toBeLessThanOrEqual(2 * SECOND + 31 * every + 8 * delay);
      }),
      { numRuns: 100 },
    );
  });
});

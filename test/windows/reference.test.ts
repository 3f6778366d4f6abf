import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NaiveCountWindows, NaiveTimeWindows, type NaiveWindow } from './naive.ts';
import { type PlainWindow, Rig } from './support.ts';

const NAMES = ['A', 'B', 'C'];
const TAGS = NAMES.map((name) => ({ name }));

interface Arrival {
  readonly t: number;
  readonly cells: (number | undefined)[];
  readonly now: number;
}

/** Readings that mostly go forward, with repeated times, values that collide, partial rows and late ones. */
const arrivals = fc
  .array(
    fc.record({
      step: fc.nat(4),
      back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(12) }),
      wait: fc.nat(3),
      cells: fc
        .array(fc.option(fc.nat(1), { nil: undefined }), { minLength: NAMES.length, maxLength: NAMES.length })
        .filter((cells) => cells.some((value) => value !== undefined)),
    }),
    // Shorter than a run of late readings that would count as a step of the clock.
    { maxLength: 29 },
  )
  .map((steps) => {
    let clock = 0;
    let now = 0;
    return steps.map(({ step, back, wait, cells }): Arrival => {
      clock += step;
      now += wait;
      return { t: clock - back, cells, now };
    });
  });

function push(rig: Rig, { t, cells, now }: Arrival): string {
  return rig.push(
    t,
    Object.fromEntries(cells.flatMap((value, tag) => (value === undefined ? [] : [[NAMES[tag], value]]))),
    now,
  );
}

function simple({ from, to, samples }: PlainWindow): NaiveWindow {
  return { from, to, samples: NAMES.map((name) => (samples[name] ?? []).map(([t, value]) => [t, value])) };
}

describe('windows against a naive reference', () => {
  it('agree for count windows, reading by reading', () => {
    const spec = fc.record({
      count: fc.integer({ min: 1, max: 4 }),
      every: fc.integer({ min: 1, max: 5 }),
      maxGap: fc.constantFrom(3, Number.POSITIVE_INFINITY),
      lateness: fc.constantFrom(0, 5),
    });
    fc.assert(
      fc.property(spec, arrivals, ({ lateness, ...window }, readings) => {
        const rig = new Rig({ tags: TAGS, lateness, maxMissing: 1, window });
        const naive = new NaiveCountWindows({ ...window, lateness, tags: TAGS.length });
        for (const reading of readings) {
          expect(push(rig, reading)).toBe(naive.push(reading.t, reading.cells));
          expect(rig.windows.map(simple)).toEqual(naive.windows);
        }
        rig.flush();
        naive.flush();
        expect(rig.windows.map(simple)).toEqual(naive.windows);
      }),
      { numRuns: 1000 },
    );
  });

  it('agree for time windows, reading by reading', () => {
    const spec = fc.record({
      length: fc.integer({ min: 1, max: 12 }),
      every: fc.integer({ min: 1, max: 15 }),
      lateness: fc.constantFrom(0, 5),
      idle: fc.constantFrom(4, 1e9),
    });
    fc.assert(
      fc.property(spec, arrivals, ({ length, every, lateness, idle }, readings) => {
        const rig = new Rig({ tags: TAGS, lateness, idle, maxMissing: 1, window: { length, every } });
        const naive = new NaiveTimeWindows({ length, every, lateness, idle, tags: TAGS.length });
        for (const reading of readings) {
          expect(push(rig, reading)).toBe(naive.push(reading.t, reading.cells, reading.now));
          expect(rig.windows.map(simple)).toEqual(naive.windows);
        }
        rig.flush();
        naive.flush();
        expect(rig.windows.map(simple)).toEqual(naive.windows);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('windows in general', () => {
  const window = fc.constantFrom<{ count: number; every: number } | { length: number; every: number }>(
    { count: 3, every: 2 },
    { length: 12, every: 12 },
    { length: 12, every: 5 },
  );

  it('count every reading exactly once', () => {
    fc.assert(
      fc.property(window, arrivals, fc.integer({ min: 12, max: 40 }), (spec, readings, maxReadings) => {
        const rig = new Rig({ tags: TAGS, window: spec, maxReadings });
        for (const reading of readings) push(rig, reading);
        const { gaps, ...outcomes } = rig.counters;
        expect(Object.values(outcomes).reduce((sum, count) => sum + count)).toBe(readings.length);
        for (const [outcome, count] of Object.entries(outcomes))
          expect(count).toBe(rig.outcomes.filter((seen) => seen === outcome).length);
      }),
    );
  });

  it('hold exactly the samples between their ends, in order', () => {
    const times = fc.uniqueArray(fc.integer({ min: -50, max: 200 }), { minLength: 1, maxLength: 80 });
    const hops = fc.record({ length: fc.integer({ min: 1, max: 30 }), every: fc.integer({ min: 1, max: 30 }) });
    fc.assert(
      fc.property(hops, times, (spec, unordered) => {
        const rig = new Rig({ tags: [{ name: 'A' }], window: spec });
        const ordered = unordered.sort((a, b) => a - b);
        for (const t of ordered) rig.push(t, { A: -t });
        rig.flush();
        for (const { from, to, samples } of rig.windows) {
          expect(from % spec.every).toBeCloseTo(0);
          expect(to - from).toBe(spec.length);
          expect(samples['A']).toEqual(ordered.filter((t) => t >= from && t < to).map((t) => [t, -t]));
        }
        const inSome = (t: number) => ((t % spec.every) + spec.every) % spec.every < spec.length;
        expect(new Set(rig.windows.flatMap(({ samples }) => samples['A']?.map(([t]) => t)))).toEqual(
          new Set(ordered.filter(inSome)),
        );
      }),
    );
  });

  it('are the same for every order of arrival within the lateness', () => {
    const LATENESS = 20;
    const streams = fc.array(
      fc.record({ tag: fc.nat(NAMES.length - 1), step: fc.integer({ min: 1, max: 6 }), delay: fc.nat(LATENESS) }),
      { minLength: 1, maxLength: 120 },
    );
    fc.assert(
      fc.property(window, streams, (spec, steps) => {
        const clocks = NAMES.map(() => 0);
        const samples = steps.map(({ tag, step, delay }) => {
          const t = (clocks[tag] ?? 0) + step;
          clocks[tag] = t;
          return { tag: NAMES[tag] ?? '', t, arrival: t + delay };
        });
        const run = (order: typeof samples) => {
          const rig = new Rig({ tags: TAGS, window: spec, lateness: LATENESS, maxMissing: 0.2 });
          for (const { tag, t } of order) expect(rig.push(t, { [tag]: t })).toBe('accepted');
          rig.flush();
          return rig.windows;
        };
        const inOrder = run(samples.toSorted((a, b) => a.t - b.t));
        expect(run(samples.toSorted((a, b) => a.arrival - b.arrival || a.t - b.t))).toEqual(inOrder);
      }),
      { numRuns: 300 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowTag } from '../../src/scoring/windows/index.ts';
import { NaiveJoin } from './naive-join.ts';
import { type PlainWindow, Rig, valuesOf } from './support.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const ROW = { count: 1, every: 1 };

const tags = (hold: Readonly<Record<string, number | undefined>>): WindowTag[] =>
  Object.entries(hold).map(([name, ms]) => ({ name, ...(ms === undefined ? {} : { hold: ms }) }));
const ABC = tags({ A: undefined, B: undefined, C: undefined });

/** The one row of each window: its time, and the value of each tag. */
const rows = (windows: readonly PlainWindow[]) =>
  windows.map(({ to, code, samples }) => [to, code, ...Object.values(samples).map(([first]) => first?.[1])]);

describe('joined readings', () => {
  it('are a row as soon as all tags are there, with the time of the last one', () => {
    const rig = new Rig({ tags: ABC, window: ROW, join: 500 });
    for (let second = 0; second < 3; second += 1) {
      const t = second * SECOND;
      rig.push(t, { A: second });
      rig.push(t + 3, { C: second + 200 });
      expect(rig.windows).toHaveLength(second);
      rig.push(t + 5, { B: second + 100 });
      expect(rig.windows).toHaveLength(second + 1);
    }
    expect(rows(rig.windows)).toEqual([
      [5, 'Good', 0, 100, 200],
      [1005, 'Good', 1, 101, 201],
      [2005, 'Good', 2, 102, 202],
    ]);
  });

  it('may come in any order while their row is open', () => {
    const rig = new Rig({ tags: ABC, window: ROW, join: 500 });
    const outcomes = [
      rig.push(12, { C: 3 }),
      rig.push(10, { B: 2 }),
      rig.push(0, { A: 1 }),
      rig.push(1000, { A: 4 }),
      rig.push(1040, { C: 6 }),
      rig.push(1020, { B: 5 }),
    ];
    expect(outcomes).toEqual(Array(6).fill('accepted'));
    expect(rows(rig.windows)).toEqual([
      [12, 'Good', 1, 2, 3],
      [1040, 'Good', 4, 5, 6],
    ]);
  });

  it('wait as long as the lateness for what comes before them', () => {
    const rig = new Rig({ tags: ABC, window: ROW, join: 500, lateness: 2 * SECOND });
    for (const t of [0, 1000, 2000]) rig.push(t, { A: t, B: t + 1 });
    expect(rig.windows).toEqual([]);
    for (const t of [0, 1000, 2000]) rig.push(t + 10, { C: t + 2 });
    rig.push(5000, { A: 0 });
    expect(rows(rig.windows)).toEqual([0, 1000, 2000].map((t) => [t + 10, 'Good', t, t + 1, t + 2]));
  });

  it('are a row without a tag that does not come, when the time has passed', () => {
    const rig = new Rig({ tags: ABC, window: ROW, join: 500 });
    rig.push(0, { A: 1 });
    rig.push(3, { B: 2 });
    rig.push(500, { A: 3 });
    expect(rows(rig.windows)).toEqual([[3, 'BadNoCommunication', 1, 2, undefined]]);
    expect(rig.windows[0]?.reasons).toEqual(['C: missing 1 of 1']);
  });

  it('begin another row with a tag that comes again, and take a repeated one for a duplicate', () => {
    const rig = new Rig({ tags: ABC, window: ROW, join: 500 });
    rig.push(0, { A: 1 });
    expect(rig.push(0, { A: 1 })).toBe('duplicate');
    rig.push(100, { A: 2 });
    rig.push(150, { B: 3 });
    rig.push(200, { C: 4 });
    expect(rows(rig.windows)).toEqual([
      [0, 'BadNoCommunication', 1, undefined, undefined],
      [200, 'Good', 2, 3, 4],
    ]);
  });

  it('close with what they have in silence and at the end', () => {
    const rig = new Rig({ tags: ABC, window: ROW, join: 500, idle: 1000 });
    rig.push(0, { A: 1 }, 0);
    rig.push(10, { B: 1 }, 10);
    rig.tick(1010);
    rig.push(2000, { A: 2 }, 2000);
    rig.push(2010, { C: 2 }, 2010);
    rig.flush();
    expect(rig.windows.map(({ to }) => to)).toEqual([10, 2010]);
  });

  it('say of which of them the value was bad, also where the row has a later time', () => {
    const rig = new Rig({ tags: ABC, window: ROW, join: 500 });
    rig.push(0, { A: 'BadSensorFailure' });
    rig.push(5, { B: 1, C: 1 });
    expect(rig.windows).toMatchObject([{ to: 5, code: 'BadSensorFailure', reasons: ['A: BadSensorFailure x1'] }]);
  });

  it('are bounded by what an asset may hold', () => {
    const rig = new Rig({ tags: ABC, window: ROW, join: 3600 * SECOND, lateness: 3600 * SECOND, maxReadings: 30 });
    for (let t = 0; t < 100; t += 1) rig.push(t, { A: t });
    expect(rig.counters.full).toBeGreaterThan(80);
  });
});

describe('held values', () => {
  it('stand for a slow sensor beside a fast one, and say so', () => {
    const rig = new Rig({ tags: tags({ vibration: undefined, temperature: 10 * MINUTE }), window: ROW });
    for (let t = 0; t <= 21 * MINUTE; t += SECOND) {
      rig.push(t, t % (10 * MINUTE) === 0 ? { vibration: t, temperature: 20 + t / MINUTE } : { vibration: t });
    }
    const codes = new Set(rig.windows.map(({ to, code }) => `${to % (10 * MINUTE) === 0} ${code}`));
    expect(codes).toEqual(new Set(['true Good', 'false UncertainLastUsableValue']));
    expect(rig.windows[61]).toMatchObject({ reasons: ['temperature: UncertainLastUsableValue x1'] });
    expect(valuesOf(rig.windows[15 * 60], 'temperature')).toEqual([30]);
  });

  it('make no row by themselves beside tags that are not held', () => {
    const rig = new Rig({
      tags: tags({ A: undefined, B: MINUTE, C: MINUTE }),
      window: { count: 2, every: 1, maxGap: 1500 },
    });
    for (let t = 0; t < 10 * SECOND; t += SECOND) {
      rig.push(t - 1, { B: t });
      rig.push(t - 1, { C: -t });
      rig.push(t, { A: t });
    }
    rig.push(11_500, { B: 1 });
    rig.push(13_000, { A: 1 });
    rig.push(14_000, { A: 1 });
    rig.push(15_000, { A: 1 });
    expect(rig.windows.map(({ from, to }) => [from, to])).toEqual([
      ...Array.from({ length: 9 }, (_, i) => [i * SECOND, (i + 1) * SECOND]),
      [13_000, 14_000],
    ]);
    expect(new Set(rig.windows.map(({ code }) => code))).toEqual(new Set(['UncertainLastUsableValue']));
    expect(rig.counters.gaps).toBe(1);
  });

  it('abstain when the time is over, and go on when the tag comes again', () => {
    const rig = new Rig({ tags: tags({ A: undefined, B: 5 * SECOND }), window: ROW });
    for (let t = 0; t <= 10 * SECOND; t += SECOND) rig.push(t, t === 0 || t === 9000 ? { A: t, B: t } : { A: t });
    expect(rig.windows.map(({ code }) => code)).toEqual([
      'Good',
      ...Array(5).fill('UncertainLastUsableValue'),
      ...Array(3).fill('BadNoCommunication'),
      'Good',
    ]);
  });

  it('are none of a tag that never came', () => {
    const rig = new Rig({ tags: tags({ A: undefined, B: 5 * SECOND }), window: ROW });
    rig.push(0, { A: 1 });
    rig.push(1, { A: 1 });
    expect(rig.windows).toMatchObject([
      { code: 'BadWaitingForInitialData', reasons: ['B: BadWaitingForInitialData x1'] },
    ]);
  });

  it('make a row of each bare number, where all tags are held', () => {
    const rig = new Rig({ tags: tags({ A: MINUTE, B: MINUTE }), window: { count: 2, every: 1 }, maxMissing: 0.5 });
    for (const [t, sample] of [
      [0, { A: 1 }],
      [3, { B: 2 }],
      [1000, { A: 3 }],
      [1003, { B: 4 }],
      [2000, { A: 5 }],
    ] as const)
      rig.push(t, sample);
    expect(rig.windows.map((window) => [valuesOf(window, 'A'), valuesOf(window, 'B')])).toEqual([
      [[1, 1], [2]],
      [
        [1, 3],
        [2, 2],
      ],
      [
        [3, 3],
        [2, 4],
      ],
    ]);
  });

  it('keep a status that was not good', () => {
    const rig = new Rig({ tags: tags({ A: undefined, B: MINUTE, C: MINUTE }), window: ROW });
    rig.push(0, { A: 1, B: 'BadSensorFailure', C: [7, 'UncertainEngineeringUnitsExceeded'] });
    rig.push(1, { A: 1 });
    rig.push(2, { A: 1 });
    expect(rig.windows.map(({ reasons }) => reasons)).toEqual(
      Array(2).fill(['B: BadSensorFailure x1', 'C: UncertainEngineeringUnitsExceeded x1']),
    );
  });

  it('are taken of late readings, and of those that a closed gate lets not through, but not of older ones', () => {
    const rig = new Rig({ tags: tags({ A: undefined, B: MINUTE }), window: ROW });
    rig.push(10, { A: 1, B: 1 });
    rig.push(20, { A: 1 });
    expect(rig.push(15, { B: 2 })).toBe('late');
    expect(rig.push(5, { B: 3 })).toBe('late');
    rig.push(30, { A: 1 });
    rig.push(31, { A: 1, B: 3 });
    rig.pass(40, { B: 4 });
    rig.push(50, { A: 1 });
    rig.flush();
    expect(rig.windows.map((window) => valuesOf(window, 'B'))).toEqual([[1], [2], [2], [3], [4]]);
  });

  it('do not outlive a clock that was set back', () => {
    const rig = new Rig({ tags: tags({ A: undefined, B: MINUTE }), window: ROW });
    rig.push(1e12, { A: 1, B: 1 });
    for (let t = 0; t < 40 * SECOND; t += SECOND) rig.push(t, { A: t });
    expect(rig.counters.stepped).toBe(1);
    expect(rig.windows.at(-1)?.code).toBe('BadWaitingForInitialData');
  });

  it('fill what joined readings lack', () => {
    const rig = new Rig({ tags: tags({ A: 3 * SECOND, B: 3 * SECOND, C: 3 * SECOND }), window: ROW, join: 100 });
    for (let t = 0; t < 8 * SECOND; t += SECOND) {
      rig.push(t, { A: t });
      rig.push(t + 4, { B: t });
      if (t < 3 * SECOND) rig.push(t + 6, { C: t });
    }
    rig.flush();
    expect(rig.windows.map(({ code }) => code)).toEqual([
      ...Array(3).fill('Good'),
      ...Array(3).fill('UncertainLastUsableValue'),
      ...Array(2).fill('BadNoCommunication'),
    ]);
  });
});

describe('values held over time windows', () => {
  const HOLD = tags({ A: undefined, B: 10 * SECOND });
  const WINDOW = { length: 2 * SECOND };
  const told = (rig: Rig) => rig.windows.map(({ to, code, samples }) => [to / SECOND, code, samples['B']?.[0]?.[1]]);

  it('stand at the begin of a window that lacks them, hold none back, and are over when their time is', () => {
    const rig = new Rig({ tags: HOLD, window: WINDOW });
    rig.push(500, { B: 7 });
    for (let t = 0; t <= 16 * SECOND; t += 500) rig.push(t, { A: t });
    expect(told(rig)).toEqual([
      [2, 'Good', 7],
      ...[4, 6, 8, 10].map((to) => [to, 'UncertainLastUsableValue', 7]),
      ...[12, 14, 16].map((to) => [to, 'BadNoCommunication', undefined]),
    ]);
    expect(rig.windows[1]?.samples['B']).toEqual([[2 * SECOND, 7]]);
    expect(rig.windows[1]?.reasons).toEqual(['B: UncertainLastUsableValue x1']);
  });

  it('are waited for before the first one', () => {
    const rig = new Rig({ tags: HOLD, window: WINDOW });
    for (let t = 0; t <= 2 * SECOND; t += 500) rig.push(t, { A: t });
    expect(told(rig)).toEqual([[2, 'BadWaitingForInitialData', undefined]]);
  });

  it('go on in hopping windows, behind a closed gate, and with late readings', () => {
    const rig = new Rig({ tags: HOLD, window: { length: 2 * SECOND, every: SECOND } });
    for (let t = 0; t <= 3 * SECOND; t += 500) rig.push(t, t === 0 ? { A: t, B: 1 } : { A: t });
    rig.push(200, { B: 2 });
    for (let t = 3500; t <= 5 * SECOND; t += 500) rig.push(t, { A: t });
    rig.empty();
    rig.pass(5500, { B: 3 });
    for (let t = 6000; t <= 8 * SECOND; t += 500) rig.push(t, { A: t });
    expect(told(rig).map(([to, , b]) => [to, b])).toEqual([
      ...[1, 2, 3].map((to) => [to, 1]),
      ...[4, 5].map((to) => [to, 2]),
      ...[7, 8].map((to) => [to, 3]),
    ]);
  });

  it('alone go on where the others are silent', () => {
    const rig = new Rig({ tags: HOLD, window: WINDOW, idle: 3 * SECOND });
    for (let t = 0; t <= 4 * SECOND; t += SECOND) rig.push(t, { A: t, B: t }, t);
    for (let t = 5 * SECOND; t <= 12 * SECOND; t += SECOND) rig.push(t, { B: t }, t);
    expect(rig.counters.late).toBe(0);
    expect(rig.windows.map(({ to }) => to / SECOND)).toEqual([2, 4, 6, 8, 10, 12]);
    expect(rig.windows.at(-1)?.code).toBe('BadNoCommunication');
  });
});

describe('joined and held readings against a naive reference', () => {
  const NAMES = ['A', 'B', 'C'];
  const spec = fc.record({
    count: fc.integer({ min: 1, max: 4 }),
    every: fc.integer({ min: 1, max: 3 }),
    maxGap: fc.constantFrom(15, Number.POSITIVE_INFINITY),
    join: fc.constantFrom(undefined, 1, 4, 10),
    hold: fc.array(fc.constantFrom(undefined, 3, 12, 1000), { minLength: 3, maxLength: 3 }),
    lateness: fc.constantFrom(0, 8),
  });
  const samples = fc.array(fc.record({ tag: fc.nat(2), step: fc.nat(6), delay: fc.nat(8) }), {
    minLength: 1,
    maxLength: 60,
  });

  it('agree, in whichever order readings come within the lateness', () => {
    let held = 0;
    fc.assert(
      fc.property(spec, samples, ({ join, hold, lateness, ...window }, steps) => {
        let t = 0;
        const all = steps.map(({ tag, step, delay }, index) => {
          // Joined readings of one time: a row that is complete does not wait for a further one of its last time.
          t += join === undefined ? step : Math.max(1, step);
          return { tag, t, value: index, arrival: t + Math.min(delay, lateness) };
        });
        const unique = all.filter(
          (one, i) => !all.slice(0, i).some((other) => other.t === one.t && other.tag === one.tag),
        );
        const rig = new Rig({
          tags: tags(Object.fromEntries(NAMES.map((name, tag) => [name, hold[tag]]))),
          window,
          lateness,
          maxMissing: 1,
          ...(join === undefined ? {} : { join }),
        });
        const arriving = unique.toSorted((a, b) => a.arrival - b.arrival || a.t - b.t);
        for (const { tag, t: time, value } of arriving)
          expect(rig.push(time, { [NAMES[tag] ?? '']: value })).toBe('accepted');
        rig.flush();
        const naive = new NaiveJoin({ ...window, join: join ?? 0, hold, names: NAMES }).run(unique);
        expect(
          rig.windows.map(({ from, to, samples: found, reasons }) => ({ from, to, samples: found, reasons })),
        ).toEqual(naive);
        held += naive.filter(({ reasons }) => reasons.join().includes('LastUsable')).length;
      }),
      { numRuns: 1000 },
    );
    expect(held).toBeGreaterThan(100);
  });
});

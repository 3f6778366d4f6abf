import { describe, expect, it } from 'vitest';
import { Rig, type RigOptions, spans, valuesOf } from './support.ts';

const AB = [{ name: 'A' }, { name: 'B' }];

function rig(window: { length: number; every?: number }, options: Partial<RigOptions> = {}): Rig {
  return new Rig({ tags: [{ name: 'A' }], ...options, window });
}

/** Pushes one reading of tag A at each time, its value being the time. */
function pushAll(windows: Rig, times: readonly number[]): void {
  for (const t of times) windows.push(t, { A: t });
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
}

describe('tumbling windows', () => {
  it('hold the samples of [from, to), aligned to the epoch, and close when the next one has begun', () => {
    const windows = rig({ length: 100 });
    pushAll(windows, [1000, 1050, 1099.5]);
    expect(windows.windows).toEqual([]);
    pushAll(windows, [1100]);
    expect(spans(windows.windows)).toEqual([[1000, 1100]]);
    expect(valuesOf(windows.windows[0], 'A')).toEqual([1000, 1050, 1099.5]);
  });

  it('wait for the slowest tag', () => {
    const windows = rig({ length: 100 }, { tags: AB });
    windows.push(0, { A: 1, B: 1 });
    windows.push(50, { A: 2 });
    windows.push(130, { A: 3 });
    expect(windows.windows).toEqual([]);
    windows.push(60, { B: 2 });
    expect(windows.windows).toEqual([]);
    windows.push(110, { B: 3 });
    expect(windows.windows.map(({ samples }) => samples)).toEqual([
      {
        A: [
          [0, 1],
          [50, 2],
        ],
        B: [
          [0, 1],
          [60, 2],
        ],
      },
    ]);
  });

  it('wait for the lateness, and put late samples in their place', () => {
    const windows = rig({ length: 100 }, { lateness: 30 });
    pushAll(windows, [0, 60, 129, 99, 70]);
    expect(windows.windows).toEqual([]);
    pushAll(windows, [130]);
    expect(windows.windows.map((window) => valuesOf(window, 'A'))).toEqual([[0, 60, 70, 99]]);
  });

  it('take a sample as long as its window is open, and refuse it afterwards', () => {
    const windows = rig({ length: 100 });
    const outcomes = [0, 80, 20, 100, 99].map((t) => windows.push(t, { A: t }));
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'accepted', 'late']);
    expect(valuesOf(windows.windows[0], 'A')).toEqual([0, 20, 80]);
    expect(windows.counters.late).toBe(1);
  });

  it('drop the same sample sent twice, and keep two of one time that differ', () => {
    const windows = rig({ length: 100 }, { tags: AB });
    windows.push(10, { A: 1, B: 1 });
    expect(windows.push(10, { A: 1 })).toBe('duplicate');
    expect(windows.push(10, { A: 1, B: 2 })).toBe('accepted');
    windows.flush();
    expect(valuesOf(windows.windows[0], 'A')).toEqual([1]);
    expect(valuesOf(windows.windows[0], 'B')).toEqual([1, 2]);
  });

  it('are left out where there is no sample, however long the gap', () => {
    const windows = rig({ length: 1 });
    const years = 20 * 365 * 86_400_000;
    pushAll(windows, [0, years]);
    windows.flush();
    expect(spans(windows.windows)).toEqual([
      [0, 1],
      [years, years + 1],
    ]);
  });

  it('refuse what is no time at all', () => {
    const windows = rig({ length: 100 });
    expect([Number.NaN, Number.POSITIVE_INFINITY, 1e300, -1e300].map((t) => windows.push(t, { A: 1 }))).toEqual([
      'late',
      'late',
      'late',
      'late',
    ]);
    windows.flush();
    expect(windows.windows).toEqual([]);
  });

  it('close at the end of the input with what they hold', () => {
    const windows = rig({ length: 100 }, { maxMissing: 1 });
    pushAll(windows, [0, 10, 110]);
    windows.flush();
    expect(spans(windows.windows)).toEqual([
      [0, 100],
      [100, 200],
    ]);
    expect(windows.push(150, { A: 1 })).toBe('late');
    expect(windows.push(200, { A: 1 })).toBe('accepted');
    expect(windows.windows).toHaveLength(2);
  });
});

describe('hopping windows', () => {
  it('share samples', () => {
    const windows = rig({ length: 40, every: 20 });
    pushAll(windows, range(0, 101, 10));
    expect(windows.windows.map((window) => [window.from, window.to, ...valuesOf(window, 'A')])).toEqual([
      [-20, 20, 0, 10],
      [0, 40, 0, 10, 20, 30],
      [20, 60, 20, 30, 40, 50],
      [40, 80, 40, 50, 60, 70],
      [60, 100, 60, 70, 80, 90],
    ]);
  });

  it('that began before the first sample say so', () => {
    const windows = rig({ length: 40, every: 20 }, { tags: [{ name: 'A', period: 10 }] });
    pushAll(windows, range(0, 61, 10));
    expect(windows.windows.map(({ from, code }) => [from, code])).toEqual([
      [-20, 'BadWaitingForInitialData'],
      [0, 'Good'],
      [20, 'Good'],
    ]);
    expect(windows.windows[0]?.reasons).toEqual(['A: missing 2 of 4']);
  });

  it('may leave time out between them', () => {
    const windows = rig({ length: 10, every: 50 });
    pushAll(windows, [0, 5, 9, 10, 30, 49, 50, 70, 105, 160]);
    windows.flush();
    expect(windows.windows.map((window) => [window.from, ...valuesOf(window, 'A')])).toEqual([
      [0, 0, 5, 9],
      [50, 50],
      [100, 105],
    ]);
  });

  it('close over a long gap without running through it', () => {
    const windows = rig({ length: 100, every: 1 });
    pushAll(windows, [0, 1e12]);
    expect(windows.windows).toHaveLength(100);
  });
});

describe('tags of several rates', () => {
  const tags = [
    { name: 'fast', period: 10 },
    { name: 'slow', period: 50 },
  ];

  it('come into one window, each with its own samples', () => {
    const windows = rig({ length: 100 }, { tags });
    for (const t of range(0, 201, 10)) windows.push(t, t % 50 === 0 ? { fast: t, slow: -t } : { fast: t });
    expect(windows.windows.map(({ code }) => code)).toEqual(['Good', 'Good']);
    expect(valuesOf(windows.windows[1], 'fast')).toEqual(range(100, 200, 10));
    expect(valuesOf(windows.windows[1], 'slow')).toEqual([-100, -150]);
  });

  it('may be read one after the other, a whole window at a time', () => {
    const windows = rig({ length: 100 }, { tags });
    for (const cycle of [0, 100, 200]) {
      for (const t of range(cycle, cycle + 100, 10)) windows.push(t, { fast: t });
      for (const t of range(cycle, cycle + 100, 50)) windows.push(t, { slow: t });
    }
    windows.flush();
    expect(windows.windows.map(({ to, code }) => [to, code])).toEqual([
      [100, 'Good'],
      [200, 'Good'],
      [300, 'Good'],
    ]);
  });
});

describe('silence', () => {
  const tags = [
    { name: 'A', period: 10 },
    { name: 'B', period: 10 },
  ];

  it('of one tag lets windows close without it, and says which', () => {
    const windows = rig({ length: 50 }, { tags, idle: 1000 });
    for (const t of range(0, 50, 10)) windows.push(t, { A: t, B: t }, t);
    for (const t of range(50, 1040, 10)) windows.push(t, { A: t }, t);
    expect(windows.windows).toEqual([]);
    windows.push(1040, { A: 1040 }, 1040);
    expect(windows.windows[0]).toMatchObject({ from: 0, to: 50, code: 'Good' });
    expect(windows.windows[1]).toMatchObject({ code: 'BadNoCommunication', reasons: ['B: missing 5 of 5'] });
    expect(windows.windows).toHaveLength(20);
  });

  it('of a tag that never spoke counts from the first reading of the asset', () => {
    const windows = rig({ length: 50 }, { tags, idle: 1000 });
    windows.push(0, { A: 1 }, 5000);
    windows.push(60, { A: 1 }, 5999);
    expect(windows.windows).toEqual([]);
    windows.push(70, { A: 1 }, 6000);
    expect(windows.windows).toHaveLength(1);
  });

  it('of all tags closes what has begun', () => {
    const windows = rig({ length: 50 }, { tags, idle: 1000 });
    for (const t of [0, 10, 20]) windows.push(t, { A: t, B: t }, t);
    expect(windows.wakeAt()).toBe(1020);
    windows.tick(1019);
    expect(windows.windows).toEqual([]);
    windows.tick(1020);
    expect(windows.windows).toMatchObject([
      { from: 0, to: 50, code: 'BadNoCommunication', reasons: ['A: missing 2 of 5', 'B: missing 2 of 5'] },
    ]);
    expect(windows.wakeAt()).toBeUndefined();
  });

  it('does not spoil a window that has all of its samples', () => {
    const windows = rig({ length: 50 }, { tags, idle: 1000 });
    for (const t of range(0, 50, 10)) windows.push(t, { A: t, B: t }, t);
    windows.tick(5000);
    expect(windows.windows).toMatchObject([{ from: 0, code: 'Good', reasons: [] }]);
  });

  it('ends: the tag is waited for again', () => {
    const windows = rig({ length: 50 }, { tags, idle: 1000 });
    for (const t of range(0, 50, 10)) windows.push(t, { A: t, B: t }, 0);
    windows.push(2000, { A: 0 }, 2000);
    windows.push(2010, { B: 0 }, 2001);
    const closed = windows.windows.length;
    windows.push(2060, { A: 0 }, 2060);
    expect(windows.windows).toHaveLength(closed);
    windows.push(2050, { B: 0 }, 2061);
    expect(windows.windows).toHaveLength(closed + 1);
  });

  it('wakes at the time of the tag that will be silent first', () => {
    const windows = rig({ length: 50 }, { tags, idle: 1000 });
    expect(windows.wakeAt()).toBeUndefined();
    windows.push(0, { A: 0 }, 100);
    windows.push(0, { B: 0 }, 300);
    expect(windows.wakeAt()).toBe(1100);
    windows.tick(1100);
    expect(windows.wakeAt()).toBe(1300);
  });
});

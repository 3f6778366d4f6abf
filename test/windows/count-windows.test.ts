import { describe, expect, it } from 'vitest';
import { Rig, type RigOptions, spans, valuesOf } from './support.ts';

const AB = [{ name: 'A' }, { name: 'B' }];

function rig(window: { count: number; every?: number; maxGap?: number }, options: Partial<RigOptions> = {}): Rig {
  return new Rig({ tags: [{ name: 'A' }], ...options, window: { every: 1, ...window } });
}

describe('count windows', () => {
  it('close with the last readings, as soon as there are enough', () => {
    const windows = rig({ count: 3 });
    for (let t = 1; t <= 5; t += 1) windows.push(t, { A: 10 * t });
    expect(windows.windows.map((window) => valuesOf(window, 'A'))).toEqual([
      [10, 20, 30],
      [20, 30, 40],
      [30, 40, 50],
    ]);
    expect(spans(windows.windows)).toEqual([
      [1, 3],
      [2, 4],
      [3, 5],
    ]);
  });

  it('close every so many readings after the first', () => {
    const windows = rig({ count: 3, every: 2 });
    for (let t = 1; t <= 8; t += 1) windows.push(t, { A: t });
    expect(windows.windows.map(({ to }) => to)).toEqual([3, 5, 7]);
  });

  it('may be further apart than they are long', () => {
    const windows = rig({ count: 2, every: 5 });
    for (let t = 1; t <= 12; t += 1) windows.push(t, { A: t });
    expect(spans(windows.windows)).toEqual([
      [1, 2],
      [6, 7],
      [11, 12],
    ]);
  });

  it('go on rightly when their memory is moved to make room', () => {
    const windows = rig({ count: 5 });
    for (let t = 1; t <= 1000; t += 1) windows.push(t, { A: t });
    expect(windows.windows).toHaveLength(996);
    for (const window of windows.windows) {
      expect(valuesOf(window, 'A')).toEqual([4, 3, 2, 1, 0].map((back) => window.to - back));
    }
  });

  it('start anew after a gap and count it', () => {
    const windows = rig({ count: 3, maxGap: 10 });
    for (const t of [1, 2, 3, 13, 24, 25, 26]) windows.push(t, { A: t });
    expect(windows.windows.map((window) => valuesOf(window, 'A'))).toEqual([
      [1, 2, 3],
      [2, 3, 13],
      [24, 25, 26],
    ]);
    expect(windows.counters.gaps).toBe(1);
    expect(windows.windows.at(-1)?.code).toBe('Good');
  });

  it('give nothing at the end of the input while not full', () => {
    const windows = rig({ count: 3 });
    windows.push(1, { A: 1 });
    windows.push(2, { A: 2 });
    windows.flush();
    expect(windows.windows).toEqual([]);
  });
});

describe('rows of a count window', () => {
  it('join tags of one time that come in several readings', () => {
    const windows = rig({ count: 2 }, { tags: AB });
    windows.push(1, { A: 1 });
    windows.push(1, { B: 10 });
    windows.push(2, { B: 20 });
    expect(windows.windows).toEqual([]);
    windows.push(2, { A: 2 });
    expect(windows.windows).toMatchObject([
      {
        code: 'Good',
        samples: {
          A: [
            [1, 1],
            [2, 2],
          ],
          B: [
            [1, 10],
            [2, 20],
          ],
        },
      },
    ]);
  });

  it('close without a tag once the watermark has passed', () => {
    const windows = rig({ count: 2 }, { tags: AB, maxMissing: 0.5 });
    windows.push(1, { A: 1, B: 10 });
    windows.push(2, { A: 2 });
    windows.push(3, { A: 3, B: 30 });
    expect(windows.windows).toMatchObject([
      { from: 1, to: 2, code: 'UncertainDataSubNormal', reasons: ['B: missing 1 of 2'], samples: { B: [[1, 10]] } },
      { from: 2, to: 3, code: 'UncertainDataSubNormal', samples: { B: [[3, 30]] } },
    ]);
    expect(windows.push(2, { B: 20 })).toBe('late');
  });

  it('that were closed by silence do not take a tag that comes later', () => {
    const windows = rig({ count: 1 }, { tags: AB, idle: 100 });
    windows.push(1, { A: 1 }, 1000);
    expect(windows.wakeAt()).toBe(1100);
    windows.tick(1099);
    expect(windows.windows).toEqual([]);
    windows.tick(1100);
    expect(windows.windows).toMatchObject([{ code: 'BadNoCommunication', reasons: ['B: missing 1 of 1'] }]);
    expect(windows.wakeAt()).toBeUndefined();
    expect(windows.push(1, { B: 1 }, 1200)).toBe('late');
  });

  it('are put in order within the lateness', () => {
    const windows = rig({ count: 3 }, { lateness: 5 });
    for (const t of [1, 4, 2, 3, 9, 14]) windows.push(t, { A: t });
    windows.flush();
    expect(windows.windows.map((window) => valuesOf(window, 'A'))).toEqual([
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 9],
      [4, 9, 14],
    ]);
  });

  it('wait for the lateness, though complete', () => {
    const windows = rig({ count: 1 }, { lateness: 5 });
    windows.push(10, { A: 1 });
    expect(windows.windows).toEqual([]);
    windows.push(15, { A: 2 });
    expect(spans(windows.windows)).toEqual([[10, 10]]);
  });

  it('wait again after the end of an input, when another one goes on', () => {
    const windows = rig({ count: 1 }, { lateness: 5 });
    windows.push(10, { A: 1 });
    windows.flush();
    expect(spans(windows.windows)).toEqual([[10, 10]]);
    windows.push(20, { A: 2 });
    expect(spans(windows.windows)).toEqual([[10, 10]]);
  });

  it('do not take a reading from behind the watermark', () => {
    const windows = rig({ count: 1 }, { lateness: 5 });
    expect([10, 20, 14, 15].map((t) => windows.push(t, { A: t }))).toEqual([
      'accepted',
      'accepted',
      'late',
      'accepted',
    ]);
    expect(windows.counters.late).toBe(1);
  });
});

describe('repeated readings of a count window', () => {
  it('are dropped', () => {
    const windows = rig({ count: 2 }, { tags: AB });
    windows.push(1, { A: 1, B: 2 });
    expect(windows.push(1, { A: 1, B: 2 })).toBe('duplicate');
    expect(windows.push(1, { B: 2 })).toBe('duplicate');
    windows.push(2, { A: 3, B: 4 });
    expect(windows.windows.map((window) => valuesOf(window, 'A'))).toEqual([[1, 3]]);
    expect(windows.counters).toMatchObject({ accepted: 2, duplicate: 2 });
  });

  it('are dropped though their sample is bad', () => {
    const windows = rig({ count: 2 });
    windows.push(1, { A: 'BadSensorFailure' });
    expect(windows.push(1, { A: 'BadSensorFailure' })).toBe('duplicate');
  });

  it('are dropped though their value is outside the range of the tag', () => {
    const windows = rig({ count: 2 }, { tags: [{ name: 'A', range: [0, 1] }] });
    windows.push(1, { A: 5 });
    expect(windows.push(1, { A: 5 })).toBe('duplicate');
  });

  it('are recognised after later ones, as a broker sends them again', () => {
    const windows = rig({ count: 3 });
    for (let t = 1; t <= 5; t += 1) windows.push(t, { A: t });
    expect([3, 4, 5].map((t) => windows.push(t, { A: t }))).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(windows.push(4, { A: 99 })).toBe('late');
  });

  it('of one time with other values are rows of their own, for sources with coarse clocks', () => {
    const windows = rig({ count: 3 }, { tags: AB });
    for (const value of [1, 2, 3]) {
      expect(windows.push(1000, { A: value })).toBe('accepted');
      expect(windows.push(1000, { B: 10 * value })).toBe('accepted');
    }
    expect(windows.windows).toHaveLength(1);
    expect(valuesOf(windows.windows[0], 'A')).toEqual([1, 2, 3]);
    expect(valuesOf(windows.windows[0], 'B')).toEqual([10, 20, 30]);
  });
});

import { describe, expect, it } from 'vitest';
import { GOOD } from '../../src/common/core/index.ts';
import { createAssetWindows } from '../../src/scoring/windows/index.ts';
import { Rig, type RigOptions, type Sample, valuesOf } from './support.ts';

/** Judges one window of ten samples of tag A, in a count window. */
function judgeCount(samples: readonly Sample[], options: Partial<RigOptions> = {}) {
  const windows = new Rig({ tags: [{ name: 'A' }], window: { count: samples.length, every: 1 }, ...options });
  for (const [t, A] of samples.entries()) windows.push(t, { A });
  return windows.windows[0];
}

const ten = (...first: readonly Sample[]): Sample[] => [...first, ...new Array<number>(10 - first.length).fill(7)];

describe('quality of a window', () => {
  it('is the shared good one when nothing is wrong', () => {
    const windows = createAssetWindows({
      tags: [{ name: 'A' }],
      window: { count: 1, every: 1 },
      lateness: 0,
      idle: 1,
      maxMissing: 0,
      maxReadings: 10,
    });
    windows.push(1, Float64Array.of(1), Uint32Array.of(0), 0);
    expect(windows.next()?.quality).toBe(GOOD);
  });

  it('is good again once the flawed sample has left', () => {
    const windows = new Rig({ tags: [{ name: 'A' }], window: { count: 2, every: 1 } });
    for (const [t, A] of [1, 'BadSensorFailure', 3, 4].entries()) windows.push(t, { A: A as Sample });
    expect(windows.windows.map(({ code }) => code)).toEqual(['BadSensorFailure', 'BadSensorFailure', 'Good']);
  });

  it('knows of a flaw though an older one comes after it', () => {
    const windows = new Rig({ tags: [{ name: 'A' }], window: { count: 2, every: 1 }, lateness: 10 });
    for (const [t, A] of [
      [1, 1],
      [5, 'BadSensorFailure'],
      [3, 'BadSensorFailure'],
      [6, 1],
      [7, 1],
      [99, 1],
    ] as const)
      windows.push(t, { A });
    expect(windows.windows.map(({ from, code }) => [from, code])).toEqual([
      [1, 'BadSensorFailure'],
      [3, 'BadSensorFailure'],
      [5, 'BadSensorFailure'],
      [6, 'Good'],
    ]);
  });

  it('is bad with the status of a bad sample where none is allowed', () => {
    const window = judgeCount(ten('BadSensorFailure', 'BadSensorFailure', 'BadOutOfRange'));
    expect(window).toMatchObject({
      code: 'BadSensorFailure',
      reasons: ['A: BadSensorFailure x2', 'A: BadOutOfRange x1'],
    });
    expect(valuesOf(window, 'A')).toEqual([7, 7, 7, 7, 7, 7, 7]);
  });

  it('is sub-normal up to the share of bad samples that is allowed, and bad above', () => {
    const bad = 'BadSensorFailure';
    expect(judgeCount(ten(bad, bad, bad), { maxMissing: 0.3 })?.code).toBe('UncertainDataSubNormal');
    expect(judgeCount(ten(bad, bad, bad, bad), { maxMissing: 0.3 })?.code).toBe(bad);
  });

  it('is uncertain with the status of an uncertain sample, which is kept', () => {
    const window = judgeCount(ten([3, 'UncertainSensorNotAccurate']));
    expect(window).toMatchObject({
      code: 'UncertainSensorNotAccurate',
      reasons: ['A: UncertainSensorNotAccurate x1'],
    });
    expect(valuesOf(window, 'A')).toHaveLength(10);
  });

  it('is uncertain where a value is outside the range seen in training, and keeps it', () => {
    const window = judgeCount(ten(-0.1, 0, 10, 10.1), { tags: [{ name: 'A', range: [0, 10] }] });
    expect(window).toMatchObject({
      code: 'UncertainEngineeringUnitsExceeded',
      reasons: ['A: UncertainEngineeringUnitsExceeded x2'],
    });
    expect(valuesOf(window, 'A')).toEqual([-0.1, 0, 10, 10.1, 7, 7, 7, 7, 7, 7]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('is never good with %s', (value) => {
    expect(judgeCount(ten(value))?.code).toBe('BadDecodingError');
    expect(judgeCount(ten([value, 'UncertainSensorNotAccurate']))?.code).toBe('BadDecodingError');
  });

  it('is the worst of its tags', () => {
    const tags = [{ name: 'A', range: [0, 1] as const }, { name: 'B' }, { name: 'C' }];
    const windows = new Rig({ tags, window: { count: 1, every: 1 } });
    windows.push(1, { A: 5, B: 'BadOutOfRange', C: 'BadSensorFailure' });
    expect(windows.windows[0]).toMatchObject({
      code: 'BadOutOfRange',
      reasons: ['A: UncertainEngineeringUnitsExceeded x1', 'B: BadOutOfRange x1', 'C: BadSensorFailure x1'],
    });
  });

  it('adds bad and missing samples of a tag', () => {
    const tags = [{ name: 'A' }, { name: 'B' }];
    const rig = (maxMissing: number) => {
      const windows = new Rig({ tags, window: { count: 4, every: 1 }, maxMissing });
      windows.push(1, { A: 1, B: 1 });
      windows.push(2, { A: 1, B: 'BadSensorFailure' });
      windows.push(3, { A: 1 });
      windows.push(4, { A: 1, B: 1 });
      return windows.windows[0];
    };
    expect(rig(0.5)).toMatchObject({
      code: 'UncertainDataSubNormal',
      reasons: ['B: missing 1 of 4', 'B: BadSensorFailure x1'],
    });
    expect(rig(0.49)?.code).toBe('BadDataLost');
  });

  it('names a tag that is not there at all as not communicating', () => {
    const windows = new Rig({ tags: [{ name: 'A' }, { name: 'B' }], window: { count: 2, every: 1 } });
    for (const t of [1, 2, 3]) windows.push(t, { A: 1 });
    expect(windows.windows[0]).toMatchObject({ code: 'BadNoCommunication', reasons: ['B: missing 2 of 2'] });
  });

  it('tells at most a page of reasons', () => {
    const tags = Array.from({ length: 100 }, (_, i) => ({ name: `T${i}` }));
    const windows = new Rig({ tags, window: { count: 1, every: 1 } });
    windows.push(1, Object.fromEntries(tags.map(({ name }) => [name, 'BadSensorFailure' as const])));
    expect(windows.windows[0]?.reasons).toHaveLength(25);
    expect(windows.windows[0]?.reasons.at(-1)).toBe('and 76 more');
  });
});

describe('quality of a time window', () => {
  const A = { name: 'A', period: 10 };

  function judge(times: readonly number[], options: Partial<RigOptions> = {}, end: 'next' | 'flush' = 'next') {
    const windows = new Rig({ tags: [A], window: { length: 100 }, ...options });
    for (const t of times) windows.push(t, { A: t });
    if (end === 'next') windows.push(200, { A: 0 });
    else windows.flush();
    return windows.windows.find(({ from }) => from === 100);
  }

  const all = [90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190];
  const without = (...gone: number[]) => all.filter((t) => !gone.includes(t));

  it('does not take one sample alone for two, wherever it lies in its window', () => {
    const windows = new Rig({ tags: [A], window: { length: 20 } });
    for (const t of [0, 10, 30, 40, 50, 60]) windows.push(t, { A: t });
    windows.flush();
    expect(windows.windows.map(({ reasons }) => reasons)).toEqual([
      [],
      ['A: missing 1 of 2'],
      [],
      ['A: missing 1 of 2'],
    ]);
  });

  it('counts the samples that a declared period leads to expect', () => {
    expect(judge(all)).toMatchObject({ code: 'Good', reasons: [] });
    expect(judge(without(130, 140))).toMatchObject({ code: 'BadDataLost', reasons: ['A: missing 2 of 10'] });
    expect(judge(without(130, 140), { maxMissing: 0.2 })?.code).toBe('UncertainDataSubNormal');
  });

  it('finds a single lost sample between two others', () => {
    expect(judge(without(150))).toMatchObject({ code: 'BadDataLost', reasons: ['A: missing 1 of 10'] });
  });

  it('does not take jitter at the edge of the window for a lost sample', () => {
    expect(judge(all.map((t) => (t === 100 ? 99.8 : t)))?.code).toBe('Good');
    expect(judge(all.map((t) => (t === 190 ? 200.1 : t + 9.9)))?.code).toBe('Good');
  });

  it('does not mind more samples than expected', () => {
    expect(judge([...all, 155, 165])?.code).toBe('Good');
  });

  it('counts bad samples as not usable', () => {
    const windows = new Rig({ tags: [A], window: { length: 100 }, maxMissing: 0.2 });
    for (const t of [...without(150, 160), 200]) windows.push(t, { A: t === 170 ? 'BadSensorFailure' : t });
    expect(windows.windows.at(-1)).toMatchObject({
      code: 'BadDataLost',
      reasons: ['A: missing 2 of 10', 'A: BadSensorFailure x1'],
    });
  });

  it('leaves bad samples out, wherever they are and however many the others are', () => {
    const windows = new Rig({ tags: [{ name: 'A' }], window: { length: 100 }, maxMissing: 1 });
    for (const [k, count] of [3, 40, 10].entries()) {
      windows.push(100 * k, { A: 'BadSensorFailure' });
      for (let i = 1; i <= count; i += 1) windows.push(100 * k + i, { A: i });
    }
    windows.flush();
    expect(windows.windows.map((window) => [window.code, valuesOf(window, 'A')])).toEqual(
      [3, 40, 10].map((count) => ['UncertainDataSubNormal', Array.from({ length: count }, (_, i) => i + 1)]),
    );
  });

  it('sees a bad sample at its very beginning', () => {
    const windows = new Rig({ tags: [{ name: 'A', period: 50 }], window: { length: 100 } });
    windows.push(0, { A: 'BadSensorFailure' });
    windows.push(50, { A: 1 });
    windows.flush();
    expect(windows.windows).toMatchObject([{ code: 'BadSensorFailure', samples: { A: [[50, 1]] } }]);
  });

  it('of a tag that began in it is waiting for initial data', () => {
    expect(judge([150, 160, 170, 180, 190])).toMatchObject({
      code: 'BadWaitingForInitialData',
      reasons: ['A: missing 5 of 10'],
    });
  });

  it('at the end of the input is good only if everything is there', () => {
    expect(judge(all, {}, 'flush')?.code).toBe('Good');
    expect(judge(without(170, 180, 190), {}, 'flush')?.code).toBe('BadDataLost');
    expect(judge(without(170, 180, 190), { maxMissing: 0.3 }, 'flush')?.code).toBe('UncertainDataSubNormal');
  });

  describe('without a declared period', () => {
    const tags = [{ name: 'A' }];

    it('does not ask for samples between others', () => {
      expect(judge(without(120, 130, 140, 150), { tags })?.code).toBe('Good');
    });

    it('finds that the tag began in it', () => {
      expect(judge([150, 160, 170, 180, 190], { tags })).toMatchObject({
        code: 'BadWaitingForInitialData',
        reasons: ['A: missing 50 ms of 100 ms'],
      });
      expect(judge([105, 115, 125, 135, 145, 155, 165, 175, 185, 195], { tags })?.code).toBe('Good');
    });

    it('finds that the input ended in it', () => {
      expect(judge(all, { tags }, 'flush')?.code).toBe('Good');
      expect(judge(without(160, 170, 180, 190), { tags }, 'flush')).toMatchObject({
        code: 'BadDataLost',
        reasons: ['A: missing 50 ms of 100 ms'],
      });
      expect(judge(without(160, 170, 180, 190), { tags, maxMissing: 0.5 }, 'flush')?.code).toBe(
        'UncertainDataSubNormal',
      );
    });

    it('says when a tag has nothing in it', () => {
      const windows = new Rig({ tags: [{ name: 'A' }, { name: 'B' }], window: { length: 100 } });
      for (const t of [0, 10, 110, 200]) windows.push(t, t === 110 ? { A: t } : { A: t, B: t });
      expect(windows.windows.at(-1)).toMatchObject({
        code: 'BadNoCommunication',
        reasons: ['B: missing 100 ms of 100 ms'],
      });
    });
  });
});

import { describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { createAssetWindows, windowSchema, windowTooLarge } from '../../src/scoring/windows/index.ts';
import { RowTable } from '../../src/scoring/windows/row-table.ts';
import { SampleGate } from '../../src/scoring/windows/sample.ts';
import { Track } from '../../src/scoring/windows/track.ts';
import { Rig, spans, valuesOf } from './support.ts';

const A = [{ name: 'A' }];
const AB = [{ name: 'A' }, { name: 'B' }];

describe('a clock that was set back', () => {
  const rows = { count: 2, every: 1 };
  const time = { length: 100 };

  it.each([
    ['count', rows],
    ['time', time],
  ])('makes %s windows begin anew after a run of late readings that rise', (_, window) => {
    const windows = new Rig({ tags: A, window });
    for (let t = 100_000; t < 101_000; t += 10) windows.push(t, { A: t });
    for (let t = 50_000; windows.outcomes.at(-1) !== 'stepped' && t < 60_000; t += 10) windows.push(t, { A: t });
    expect(windows.counters).toMatchObject({ late: 29, stepped: 1 });
    const before = windows.windows.length;
    for (let t = 51_000; t < 52_000; t += 10) windows.push(t, { A: t });
    expect(windows.windows.length).toBeGreaterThan(before);
    expect(windows.windows.slice(before).every(({ to }) => to < 60_000)).toBe(true);
    expect(windows.counters).toMatchObject({ late: 29, stepped: 1 });
  });

  it.each([
    ['count', rows],
    ['time', time],
  ])('is not seen in %s windows where readings in time come in between', (_, window) => {
    const windows = new Rig({ tags: A, window });
    for (let i = 0; i < 100; i += 1) {
      windows.push(100_000 + 10 * i, { A: i });
      if (i > 20) windows.push(50_000 + 10 * i, { A: i });
    }
    expect(windows.counters).toMatchObject({ late: 79, stepped: 0 });
  });

  it('is not seen in late readings in no order', () => {
    const windows = new Rig({ tags: A, window: rows });
    for (let t = 100_000; t < 100_100; t += 10) windows.push(t, { A: t });
    for (let i = 0; i < 100; i += 1) windows.push(50_000 + ((i * 37) % 100) * 10, { A: i });
    for (let i = 0; i < 100; i += 1) windows.push(40_000 - 10 * i, { A: i });
    expect(windows.counters).toMatchObject({ late: 200, stepped: 0 });
  });

  it.each([
    ['count', rows],
    ['time', time],
  ])('is seen in %s windows where the times of the tags take turns: the asset is not silenced', (_, window) => {
    const windows = new Rig({ tags: AB, window, lateness: 50 });
    for (let t = 100_000; t < 101_000; t += 10) windows.push(t, { A: t, B: t });
    const before = windows.windows.length;
    for (let t = 10_000; t < 12_000; t += 10) {
      windows.push(t, { A: t });
      windows.push(t - 25, { B: t });
    }
    expect(windows.counters.stepped).toBe(1);
    expect(windows.windows.length - before).toBeGreaterThan(10);
  });

  it('is seen where a tag stands still at the first time of the new ones', () => {
    const windows = new Rig({ tags: AB, window: time });
    for (let t = 100_000; t < 101_000; t += 10) windows.push(t, { A: t, B: t });
    for (let t = 10_000; t < 11_000; t += 10) {
      windows.push(t, { A: t });
      windows.push(10_000, { B: 1 });
    }
    expect(windows.counters.stepped).toBe(1);
  });

  it('does not make windows wait again for a tag that is long silent', () => {
    const windows = new Rig({ tags: AB, window: time, idle: 1000 });
    windows.push(100_000, { B: 0 }, 0);
    for (let t = 100_000; t < 102_000; t += 10) windows.push(t, { A: t }, t - 100_000);
    for (let i = 0; i < 60; i += 1) windows.push(50_000 + 10 * i, { A: i }, 2000 + i);
    expect(windows.counters.stepped).toBe(1);
    expect(windows.windows.at(-1)).toMatchObject({ from: 50_400, code: 'BadNoCommunication' });
  });

  it('is not seen in rows that a broker sends again', () => {
    const windows = new Rig({ tags: A, window: { count: 50, every: 1 } });
    for (let t = 0; t < 100; t += 1) windows.push(t, { A: t });
    for (let t = 55; t < 95; t += 1) windows.push(t, { A: t });
    expect(windows.counters).toMatchObject({ accepted: 100, duplicate: 40, stepped: 0 });
  });

  it.each([
    ['count', rows],
    ['time', time],
  ])('is not seen in %s windows where a broker sends again what no row has any more', (_, window) => {
    const windows = new Rig({ tags: A, window });
    for (let t = 100_000; t < 110_000; t += 10) windows.push(t, { A: t });
    for (let t = 100_000; t < 105_000; t += 10) windows.push(t, { A: t }, 0, true);
    expect(windows.counters).toMatchObject({ late: 500, stepped: 0 });
    expect(windows.push(110_000, { A: 1 }, 0, true)).toBe('accepted');
  });

  it('is not seen in readings that come after silence closed their window', () => {
    const windows = new Rig({ tags: A, window: { length: 1000 }, idle: 100 });
    windows.push(0, { A: 0 }, 0);
    windows.tick(100);
    for (let t = 100; t < 1000; t += 10) windows.push(t, { A: t }, t);
    expect(windows.counters).toMatchObject({ late: 90, stepped: 0 });
    expect(windows.push(1000, { A: 1 }, 1000)).toBe('accepted');
  });

  it('lets a single time far in the future pass away', () => {
    const windows = new Rig({ tags: A, window: rows });
    windows.push(Date.UTC(2099, 0), { A: 0 });
    for (let t = 0; t < 100; t += 1) windows.push(t, { A: t });
    expect(windows.counters).toMatchObject({ late: 29, stepped: 1, accepted: 71 });
  });
});

describe('bounds', () => {
  it('refuse a window that is larger than what an asset may hold', () => {
    const common = { lateness: 0, idle: 1, maxMissing: 0 };
    const tooLarge = (attempt: () => unknown) => {
      expect(attempt).toThrow(EdgewrightError);
      expect(attempt).toThrow(expect.objectContaining({ kind: windowTooLarge.kind }));
    };
    tooLarge(() => createAssetWindows({ ...common, tags: AB, window: { count: 51, every: 1 }, maxReadings: 100 }));
    tooLarge(() =>
      createAssetWindows({ ...common, tags: [{ name: 'A', period: 1 }], window: { length: 101 }, maxReadings: 100 }),
    );
  });

  it('close the oldest row early when more are open than may be held', () => {
    const windows = new Rig({ tags: A, window: { count: 2, every: 1 }, lateness: 1000, maxReadings: 5 });
    const outcomes = [1, 2, 3, 4, 5].map((t) => windows.push(t, { A: t }));
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'full', 'full']);
    expect(windows.windows.map((window) => valuesOf(window, 'A'))).toEqual([[1, 2]]);
    expect(windows.push(1.5, { A: 0 })).toBe('late');
    windows.flush();
    expect(windows.windows.map(({ to }) => to)).toEqual([2, 3, 4, 5]);
  });

  it('close the oldest time window early when more samples are there than may be held', () => {
    const windows = new Rig({ tags: AB, window: { length: 10 }, maxReadings: 20 });
    for (let t = 0; t < 30; t += 1) windows.push(t, { A: t });
    expect(windows.outcomes.filter((outcome) => outcome === 'full')).toHaveLength(1);
    expect(windows.outcomes[20]).toBe('full');
    expect(spans(windows.windows)).toEqual([[0, 10]]);
    expect(windows.windows[0]?.code).toBe('BadNoCommunication');
  });

  it('hold in hopping windows too', () => {
    const windows = new Rig({ tags: AB, window: { length: 100, every: 10 }, maxReadings: 50 });
    for (let t = 0; t < 1000; t += 1) windows.push(t, { A: t });
    const { full } = windows.counters;
    expect(full).toBeGreaterThan(80);
    for (const window of windows.windows) expect(valuesOf(window, 'A').length).toBeLessThanOrEqual(51);
  });

  it('hold for a caller that never asks for windows', () => {
    const options = { tags: A, lateness: 1e6, idle: 1e9, maxMissing: 0, maxReadings: 100 };
    for (const window of [{ count: 10, every: 1 }, { length: 50 }]) {
      const windows = createAssetWindows({ ...options, window });
      for (let t = 0; t < 10_000; t += 1) windows.push(t, Float64Array.of(t), Uint32Array.of(0), 0);
      windows.flush();
      let samples = 0;
      for (let next = windows.next(); next; next = windows.next()) {
        const { start, end } = next.signal(0);
        samples = Math.max(samples, end - start);
      }
      expect(samples).toBeGreaterThan(0);
      expect(samples).toBeLessThanOrEqual(100);
    }
  });

  it('keep the memory of rows and tracks as it is while windows pass', () => {
    const table = new RowTable(1, 100, new SampleGate(A));
    const track = new Track(0);
    let sizes = new Set<number>();
    for (let t = 0; t < 5000; t += 1) {
      table.reserve(Math.max(0, table.length - 30));
      table.insert(table.length, t);
      track.insert(t, t, 0);
      track.forget(t - 200);
      if (t === 2500) sizes = new Set();
      sizes.add(table.times.length).add(track.times.length);
    }
    expect([...sizes]).toEqual([100, 512]);
  });
});

describe('window specification', () => {
  const issuesOf = (spec: unknown) => windowSchema.safeParse(spec).error?.issues.length ?? 0;

  it('takes count, tumbling and hopping windows', () => {
    expect(windowSchema.parse({ count: 30 })).toEqual({ count: 30, every: 1 });
    expect(windowSchema.parse({ length: '60s', every: '10s' })).toEqual({ length: 60_000, every: 10_000 });
  });

  it('refuses windows without length, and hops that would make endlessly many at once', () => {
    expect(issuesOf({ length: '0s' })).toBeGreaterThan(0);
    expect(issuesOf({ length: '1s', every: '0s' })).toBeGreaterThan(0);
    expect(issuesOf({ length: '1d', every: '1ms' })).toBeGreaterThan(0);
  });
});

import { describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { createAssetWindows, windowSchema, windowTooLarge } from '../../src/scoring/windows/index.ts';
import { RowTable } from '../../src/scoring/windows/row-table.ts';
import { SampleGate } from '../../src/scoring/windows/sample.ts';
import { Track } from '../../src/scoring/windows/track.ts';
import { Rig, spans, valuesOf } from './support.ts';

const A = [{ name: 'A' }];
const AB = [{ name: 'A' }, { name: 'B' }];

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

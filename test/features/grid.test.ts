import { describe, expect, it } from 'vitest';
import { gridMethods } from '../../src/scoring/features/grid/index.ts';
import cases from './fixtures/grids.json' with { type: 'json' };
import { signal } from './support.ts';

const table = cases.flatMap((grid) =>
  Object.entries(grid.expected).map(([method, points]) => ({
    ...grid,
    method: method as keyof typeof gridMethods,
    points,
  })),
);

describe('bringing a signal onto a grid', () => {
  it.each(table)('$method: $name, as numpy does', ({ method, values, times, from, period, points }) => {
    const out = new Float64Array(points.length);
    gridMethods[method]()(signal(values, times), from, period, out, Number.POSITIVE_INFINITY);
    for (const [i, point] of points.entries()) {
      if (point === null) expect(out[i]).toBeNaN();
      else expect(out[i]).toBeCloseTo(point, 6);
    }
  });

  it('has an oracle for every method', () => {
    expect(new Set(table.map(({ method }) => method))).toEqual(new Set(Object.keys(gridMethods)));
  });

  const unlimited = Number.POSITIVE_INFINITY;
  const filling = (['previous', 'nearest', 'linear', 'mean'] as const).map(
    (name) => [name, gridMethods[name]] as const,
  );

  it.each(filling)('%s stands samples of one time', (_, method) => {
    const out = new Float64Array(4);
    method()(signal([1, 2, 3, 4], [0, 10, 10, 20]), 0, 10, out, unlimited);
    expect(out.every(Number.isFinite)).toBe(true);
    expect(out[0]).toBe(1);
    expect(out[3]).toBe(4);
  });

  it.each(Object.entries(gridMethods))('%s looks at nothing outside start and end', (_, method) => {
    const out = new Float64Array(2);
    method()({ ...signal([9, 1, 1, 9], [-10, 0, 10, 20]), start: 1, end: 3 }, 0, 10, out, unlimited);
    expect([...out]).toEqual([1, 1]);
  });

  it.each([
    ['previous', [1, 1, 1, null, null, 2]],
    ['nearest', [1, 1, 1, null, 2, 2]],
    ['linear', [1, null, null, null, null, 2]],
    ['mean', [1, 1, 1, null, null, 2]],
  ] as const)('%s gives nothing that rests on a sample beyond the limit', (name, expected) => {
    const out = new Float64Array(6);
    gridMethods[name]()(signal([1, 2], [8, 50]), 0, 10, out, 12);
    expect([...out].map((value) => (Number.isNaN(value) ? null : value))).toEqual(expected);
  });
});

describe('band-limited', () => {
  const RATE = 48_000;
  const wave = (hz: number, n = 9600) =>
    signal(
      Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * hz * i) / RATE)),
      Array.from({ length: n }, (_, i) => (1000 * i) / RATE),
    );
  /** At 12 kHz, without the ends. */
  const slower = (hz: number) => {
    const out = new Float64Array(2400);
    gridMethods.band_limited()(wave(hz), 0, 1 / 12, out, Number.POSITIVE_INFINITY);
    return out.subarray(100, 2300);
  };

  it.each([50, 1000, 4000])('keeps a sine of %d Hz that the grid can carry', (hz) => {
    for (const [i, value] of slower(hz).entries()) {
      expect(Math.abs(value - Math.sin((2 * Math.PI * hz * (i + 100)) / 12_000))).toBeLessThan(2e-3);
    }
  });

  it.each([7000, 11_000, 20_000])('takes one of %d Hz out, that would be folded back', (hz) => {
    for (const value of slower(hz)) expect(Math.abs(value)).toBeLessThan(2e-3);
  });

  it('gives samples that lie on the grid unchanged', () => {
    const of = wave(5000, 480);
    const out = new Float64Array(480);
    gridMethods.band_limited()(of, 0, 1000 / RATE, out, Number.POSITIVE_INFINITY);
    for (let i = 0; i < 480; i += 1) expect(out[i]).toBeCloseTo(of.values[i] ?? Number.NaN, 9);
  });
});

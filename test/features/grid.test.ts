import { describe, expect, it } from 'vitest';
import { gridMethods } from '../../src/features/grid/index.ts';
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
    gridMethods[method](signal(values, times), from, period, out);
    for (const [i, point] of points.entries()) expect(out[i]).toBeCloseTo(point, 9);
  });

  it('has an oracle for every method', () => {
    expect(new Set(table.map(({ method }) => method))).toEqual(new Set(Object.keys(gridMethods)));
  });

  it.each(Object.entries(gridMethods))('%s stands samples of one time', (_, method) => {
    const out = new Float64Array(4);
    method(signal([1, 2, 3, 4], [0, 10, 10, 20]), 0, 10, out);
    expect(out.every(Number.isFinite)).toBe(true);
    expect(out[0]).toBe(1);
    expect(out[3]).toBe(4);
  });

  it.each(Object.entries(gridMethods))('%s looks at nothing outside start and end', (_, method) => {
    const out = new Float64Array(3);
    method({ ...signal([9, 1, 1, 9], [-10, 0, 10, 20]), start: 1, end: 3 }, 0, 10, out);
    expect([...out]).toEqual([1, 1, 1]);
  });
});

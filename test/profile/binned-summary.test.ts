import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Distribution } from '../../src/common/core/index.ts';
import { BinnedSummary, distributionSchema, mergeDistributions } from '../../src/common/profile/index.ts';

interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly edges: readonly number[];
  readonly distribution: Distribution;
}

const fixture: { series: readonly Series[] } = JSON.parse(
  readFileSync(new URL('fixtures/profile.json', import.meta.url), 'utf8'),
);

function summarise(edges: readonly number[], values: readonly number[]): Distribution {
  const summary = new BinnedSummary(edges);
  for (const value of values) summary.add(value);
  return summary.toRecord();
}

/** Counts, minimum and maximum alike; mean and m2 within 1e-9 of the size of what was added. */
function expectAlike(actual: Distribution, expected: Distribution): void {
  const { mean, m2, ...exact } = actual;
  const { mean: wantedMean, m2: wantedM2, ...wanted } = expected;
  expect(exact).toEqual(wanted);
  const size = Math.max(Math.abs(expected.min ?? 0), Math.abs(expected.max ?? 0));
  expect(Math.abs(mean - wantedMean)).toBeLessThanOrEqual(1e-9 * size);
  expect(Math.abs(m2 - wantedM2)).toBeLessThanOrEqual(1e-9 * Math.max(wantedM2, 1e-6 * size * size * expected.n));
}

describe.each(fixture.series)('against numpy: $name', ({ values, edges, distribution }) => {
  it('gives the same counts and moments', () => {
    const actual = summarise(
      edges,
      values.map((value) => value ?? Number.NaN),
    );
    expectAlike(actual, distribution);
    expect(Math.abs(actual.mean / distribution.mean - 1)).toBeLessThan(1e-12);
    expect(distributionSchema.safeParse(actual).success).toBe(true);
  });
});

describe('edges', () => {
  const edges = [0, 1, 2, 4];

  it.each([
    [-1e-9, { underflow: 1 }],
    [0, { counts: [1, 0, 0] }],
    [1, { counts: [0, 1, 0] }],
    [3.999, { counts: [0, 0, 1] }],
    [4, { counts: [0, 0, 1] }],
    [4.001, { overflow: 1 }],
  ])('count %d where numpy does', (value, expected) => {
    expect(summarise(edges, [value])).toMatchObject(expected);
  });

  it('that are not there leave the moments', () => {
    expect(summarise([], [1, 3])).toMatchObject({ counts: [], overflow: 2, n: 2, mean: 2, m2: 2, min: 1, max: 3 });
  });
});

it('counts what is no number, or beyond any sensor, as missing', () => {
  const actual = summarise([0, 1], [Number.NaN, Infinity, -Infinity, 1e200, 0.5]);
  expect(actual).toMatchObject({ missing: 4, n: 1, mean: 0.5, m2: 0 });
});

it('is empty again after reset', () => {
  const summary = new BinnedSummary([0, 1]);
  const empty = summary.toRecord();
  for (const value of [-1, 0.5, 2, Number.NaN]) summary.add(value);
  summary.reset();
  expect(summary.toRecord()).toEqual(empty);
});

describe('merge', () => {
  const edges = [-10, -1, 0, 0.5, 3, 20];
  const values = fc.array(
    fc.oneof(fc.double({ min: -50, max: 50, noNaN: true }), fc.constantFrom(...edges, Number.NaN)),
    { maxLength: 60 },
  );

  it('of any split equals the whole, also when a part is empty', () => {
    fc.assert(
      fc.property(values, fc.nat(60), (all, at) => {
        const parts = [summarise(edges, all.slice(0, at)), summarise(edges, all.slice(at))] as const;
        expectAlike(mergeDistributions(...parts), summarise(edges, all));
      }),
    );
  });

  it('does not depend on grouping or order', () => {
    fc.assert(
      fc.property(values, values, values, (x, y, z) => {
        const [a, b, c] = [summarise(edges, x), summarise(edges, y), summarise(edges, z)];
        const left = mergeDistributions(mergeDistributions(a, b), c);
        expectAlike(mergeDistributions(a, mergeDistributions(b, c)), left);
        expectAlike(mergeDistributions(c, mergeDistributions(b, a)), left);
      }),
    );
  });

  it('refuses different bins', () => {
    expect(() => mergeDistributions(summarise([0, 1], []), summarise([0, 1, 2], []))).toThrow(
      expect.objectContaining({ code: 'profile.bins-differ' }),
    );
  });
});

import { expect, test } from 'vitest';
import { LEAST_RUNS, percentiles } from '../../src/scoring/inference/tools/percentiles.ts';

const upTo = (n: number) => Float64Array.from({ length: n }, (_, index) => n - index);

test('percentiles are by nearest rank, in any order of measurement', () => {
  expect(percentiles(upTo(100))).toMatchObject({ p50: 50, p99: 99 });
  expect(percentiles(Float64Array.of(3))).toEqual({ p50: 3, p99: 3, p99Upper: undefined });
});

test('fewer than 299 measurements do not bound the 99th percentile', () => {
  expect(percentiles(upTo(LEAST_RUNS - 1)).p99Upper).toBeUndefined();
  expect(percentiles(upTo(LEAST_RUNS)).p99Upper).toBe(LEAST_RUNS);
});

test.each([
  // scipy.stats.binom.ppf(0.05, n, 0.01): the bound leaves one less above it.
  [473, 472],
  [1000, 996],
  [10_000, 9917],
  [100_000, 99_052],
])('of %i measurements the bound is the one that the binomial distribution gives', (n, rank) => {
  expect(percentiles(upTo(n)).p99Upper).toBe(rank);
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { medianOf, profileSchema, type Reference, varianceOf } from '../../src/common/profile/index.ts';

const profile = profileSchema.parse(
  JSON.parse(readFileSync(new URL('../../models/rig-anomaly/profile.json', import.meta.url), 'utf8')),
);

const reference = (edges: number[], counts: number[], more: Partial<Reference> = {}): Reference => {
  const n = counts.reduce((sum, count) => sum + count, 0);
  const distribution = { counts, underflow: 0, overflow: 0, missing: 0, n, mean: 5, m2: 8, min: 0, max: 9 };
  return { edges, distribution, ...more };
};

describe('the median of a reference', () => {
  it('is the one that is written down', () => {
    expect(medianOf(reference([0, 1], [4], { median: 0.125 }))).toBe(0.125);
  });

  it('lies in the bin that has the middle, where the middle is in it', () => {
    expect(medianOf(reference([0, 1, 3, 9], [2, 4, 2]))).toBe(2);
    expect(medianOf(reference([0, 1, 3], [3, 1]))).toBeCloseTo(2 / 3, 14);
  });

  it('is the tenth edge of twenty bins of the same count, to a bin', () => {
    for (const [name, feature] of Object.entries(profile.features)) {
      const { edges } = feature;
      if (edges.length !== 21) continue;
      const median = medianOf(feature);
      expect(median >= (edges[9] ?? 0) && median <= (edges[11] ?? 0), name).toBe(true);
    }
  });
});

it('the variance is that of the population', () => {
  expect(varianceOf(reference([0, 1], [4]))).toBe(2);
});

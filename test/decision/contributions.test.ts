import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contributionsOf, masksOf, ranked, squaredErrorShares } from '../../src/scoring/decision/index.ts';

const { contributions: cases } = JSON.parse(
  readFileSync(new URL('./fixtures/decisions.json', import.meta.url), 'utf8'),
) as {
  readonly contributions: readonly { hidden: number[]; shapley: number[]; occlusion: number[] }[];
};

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe.each(cases)('contributions of groups, case %#', ({ hidden, ...expected }) => {
  it.each(['shapley', 'occlusion'] as const)('by %s are those of an independent computation', (method) => {
    const groups = expected.shapley.length;
    const values = masksOf(method, groups).map((mask) => hidden[mask] ?? Number.NaN);
    const found = contributionsOf(method, groups, values);
    expect(found).toHaveLength(groups);
    for (const [group, value] of expected[method].entries()) expect(found[group]).toBeCloseTo(value, 9);
  });
});

describe('Shapley’s values', () => {
  it('add up to what the answer is more than the reference', () => {
    const values = fc
      .integer({ min: 1, max: 6 })
      .chain((groups) => fc.array(number, { minLength: 2 ** groups, maxLength: 2 ** groups }));
    fc.assert(
      fc.property(values, (all) => {
        const found = contributionsOf('shapley', Math.log2(all.length), all);
        const sum = found.reduce((total, value) => total + value, 0);
        expect(sum).toBeCloseTo((all[0] ?? 0) - (all.at(-1) ?? 0), 5);
      }),
    );
  });

  it('give a sum its terms, and nothing to who adds nothing', () => {
    const terms = [5, -2, 0];
    const values = masksOf('shapley', 3).map((mask) =>
      terms.reduce((total, term, group) => total + (mask & (1 << group) ? 0 : term), 0),
    );
    for (const [group, value] of contributionsOf('shapley', 3, values).entries())
      expect(value).toBeCloseTo(terms[group] ?? Number.NaN, 12);
  });

  it('take 256 answers of eight groups, each weighed once', () => {
    const masks = masksOf('shapley', 8);
    expect(new Set(masks).size).toBe(256);
    const values = masks.map((mask) => (mask === 0 ? 1 : 0));
    // Only the whole is worth something: everybody has the same part of it.
    for (const value of contributionsOf('shapley', 8, values)) expect(value).toBeCloseTo(1 / 8, 14);
  });
});

describe('occlusion', () => {
  it('asks for the whole, each group hidden, and everything hidden', () => {
    expect(masksOf('occlusion', 3)).toEqual([0, 1, 2, 4, 7]);
    expect(masksOf('occlusion', 1)).toEqual([0, 1]);
  });
});

describe('shares of a squared error', () => {
  it('are 1 in sum, each error in units of its variance', () => {
    expect(squaredErrorShares(2, [3, -4, 1], [9, 4, 1], [0, 1, 0])).toEqual([2 / 6, 4 / 6]);
  });

  it('are 0 where there is no error', () => {
    expect(squaredErrorShares(2, [0, 0], [1, 1], [0, 1])).toEqual([0, 0]);
  });
});

describe('a ranking', () => {
  it('begins with the greatest by size, the first declared of equals', () => {
    expect(ranked(['a', 'b', 'c', 'd'], [1, -3, 3, 0]).map(({ sensor }) => sensor)).toEqual(['b', 'c', 'a', 'd']);
  });
});

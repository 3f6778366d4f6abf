import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Hops } from '../../src/scoring/windows/hops.ts';

/** Lengths and times of tenths of a millisecond, which binary fractions miss by a rounding. */
const tenths = (max: number) => fc.integer({ min: 1, max }).map((n) => n / 10);

it('finds the windows around a time though the quotient of fractions is a rounding off', () => {
  fc.assert(
    fc.property(
      tenths(100),
      tenths(100),
      fc.integer({ min: -2000, max: 2000 }),
      fc.boolean(),
      (length, every, k, edge) => {
        const hops = new Hops(length, every);
        const t = edge ? hops.to(k) : hops.from(k);
        const ending = hops.firstEndingAfter(t);
        expect(hops.to(ending)).toBeGreaterThan(t);
        expect(hops.to(ending - 1)).toBeLessThanOrEqual(t);
        const beginning = hops.lastBeginningBy(t);
        expect(hops.from(beginning)).toBeLessThanOrEqual(t);
        expect(hops.from(beginning + 1)).toBeGreaterThan(t);
      },
    ),
    { numRuns: 3000 },
  );
});

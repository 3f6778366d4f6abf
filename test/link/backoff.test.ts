import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from '../../src/common/link/index.ts';

const limits = { first: 1_000, longest: 300_000, stable: 60_000 };
const almostOne = 1 - Number.EPSILON;

function ceilings(count: number): number[] {
  const backoff = new Backoff(limits, () => almostOne);
  return Array.from({ length: count }, () => Math.round(backoff.failed(0)));
}

describe('backoff', () => {
  it('raises its ceiling by half each time, up to the longest wait, and stays there', () => {
    expect(ceilings(5)).toEqual([1000, 1500, 2250, 3375, 5062]);
    expect(ceilings(20).slice(14)).toEqual([291_929, 300_000, 300_000, 300_000, 300_000, 300_000]);
  });

  it('draws from the whole range below the ceiling', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: almostOne, noNaN: true }), fc.nat(5000), (draw, failures) => {
        const backoff = new Backoff(limits, () => draw);
        for (let i = 0; i < failures; i += 1) backoff.failed(0);
        expect(backoff.failed(0)).toBeCloseTo(draw * Math.min(limits.longest, limits.first * 1.5 ** failures), 3);
      }),
    );
  });

  it('keeps counting when a connection did not last, and begins anew when it did', () => {
    const backoff = new Backoff(limits, () => almostOne);
    backoff.failed(0);
    backoff.failed(0);
    backoff.connected(1_000);
    expect(Math.round(backoff.failed(1_000 + limits.stable - 1))).toBe(2_250);
    backoff.connected(200_000);
    expect(Math.round(backoff.failed(200_000 + limits.stable))).toBe(1_000);
  });
});

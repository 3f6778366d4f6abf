import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LatencyHistogram } from '../../src/common/core/index.ts';
import { bucketIndex } from '../../src/common/profile/exponential-histogram.ts';
import { ExponentialHistogram, mergeHistograms } from '../../src/common/profile/index.ts';

const fixture: { latency: { values: number[]; indices: number[] } } = JSON.parse(
  readFileSync(new URL('fixtures/profile.json', import.meta.url), 'utf8'),
);

function histogram(values: readonly number[]): LatencyHistogram {
  const result = new ExponentialHistogram();
  for (const value of values) result.add(value);
  return result.toRecord();
}

const total = ({ counts, zero }: LatencyHistogram) => counts.reduce((sum, count) => sum + count, zero);

it('finds the exact bucket, on and beside powers of two too', () => {
  expect(fixture.latency.values.map((value) => bucketIndex(value))).toEqual(fixture.latency.indices);
});

it('counts each latency in the bucket of its index', () => {
  const { offset, counts } = histogram(fixture.latency.values);
  const expected = new Map<number, number>();
  for (const index of fixture.latency.indices) expected.set(index, (expected.get(index) ?? 0) + 1);
  expect(new Map(counts.map((count, i) => [offset + i, count] as const).filter(([, count]) => count > 0))).toEqual(
    expected,
  );
});

it('counts what is too short, or no latency, as zero, and what is too long in the last bucket', () => {
  expect(histogram([0, 1e-9, -5, Number.NaN, -Infinity])).toEqual({ scale: 3, offset: 0, counts: [], zero: 5 });
  expect(histogram([Infinity, 1e300])).toEqual({ scale: 3, offset: 191, counts: [2], zero: 0 });
});

it('is empty again after reset', () => {
  const used = new ExponentialHistogram();
  used.add(5);
  used.add(0);
  used.reset();
  expect(used.toRecord()).toEqual(new ExponentialHistogram().toRecord());
});

describe('merge', () => {
  const latencies = fc.array(fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constant(0)), { maxLength: 40 });
  const foreign = fc.record({
    scale: fc.integer({ min: -3, max: 8 }),
    offset: fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
    counts: fc.array(fc.nat(100), { minLength: 1, maxLength: 200 }),
    zero: fc.nat(5),
  });

  it('of any split equals the whole', () => {
    fc.assert(
      fc.property(latencies, fc.nat(40), (all, at) => {
        expect(mergeHistograms(histogram(all.slice(0, at)), histogram(all.slice(at)))).toEqual(histogram(all));
      }),
    );
  });

  it('of a finer with a coarser scale equals the coarser counts of both', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 }), (values) => {
        const empty = { scale: 1, offset: 0, counts: [], zero: 0 };
        const { scale, offset, counts } = mergeHistograms(histogram(values), empty);
        const expected = new Map<number, number>();
        for (const value of values) expected.set(bucketIndex(value, 1), (expected.get(bucketIndex(value, 1)) ?? 0) + 1);
        expect(scale).toBe(1);
        expect(new Map(counts.map((count, i) => [offset + i, count] as const).filter(([, n]) => n > 0))).toEqual(
          expected,
        );
      }),
    );
  });

  it('loses nothing and stays small whatever stands in the other', () => {
    fc.assert(
      fc.property(foreign, foreign, (a, b) => {
        const merged = mergeHistograms(a, b);
        expect(total(merged)).toBe(total(a) + total(b));
        expect(merged.counts.length).toBeLessThanOrEqual(320);
      }),
    );
  });
});

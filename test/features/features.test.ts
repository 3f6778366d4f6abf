import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { features } from '../../src/scoring/features/index.ts';
import cases from './fixtures/features.json' with { type: 'json' };
import spectral from './fixtures/spectral.json' with { type: 'json' };
import { compute, freshContext, leastParams, signal } from './support.ts';

/** Relative; what scipy rounds to 1e-16 instead of 0 is 0. */
const TOLERANCE = 1e-6;
const ZERO = 1e-12;

type Expected = Readonly<Record<string, number | null>>;

const fileOf = (name: string) => name.replaceAll('_', '-');
const oracled = new Set([
  ...cases.flatMap(({ expected }) => Object.keys(expected)),
  ...spectral.cases.map(({ feature }) => feature),
]);

describe('features against numpy and scipy', () => {
  const table = cases.flatMap(({ name, values, times, expected }) =>
    Object.entries(expected as Expected).map(([feature, value]) => ({ feature, name, values, times, value })),
  );

  it.each(table)('$feature of: $name', ({ feature, values, times, value }) => {
    const got = compute(feature, signal(values, times));
    if (value === null) expect(got).toBeNaN();
    else expect(Math.abs(got - value)).toBeLessThanOrEqual(TOLERANCE * Math.abs(value) + ZERO);
  });
});

describe.each(features)('feature $name', (feature) => {
  const example = cases.find(({ name }) => name === 'irregular times') ?? cases[0];
  const of = feature.create(leastParams(feature), freshContext());

  it('has a file of its own, a name for manifests, a description and a unit', () => {
    expect(existsSync(new URL(`../../src/scoring/features/${fileOf(feature.name)}.ts`, import.meta.url))).toBe(true);
    expect(feature.name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    expect(feature.description).not.toBe('');
    expect(feature.unit('bar')).not.toBe('');
  });

  it('is tested: by the oracle, or by a test file of its own', () => {
    const own = new URL(`./${fileOf(feature.name)}.test.ts`, import.meta.url);
    expect(oracled.has(feature.name) || existsSync(own), `test/features/${fileOf(feature.name)}.test.ts`).toBe(true);
  });

  it('is NaN for an empty signal', () => {
    expect(of(signal([]))).toBeNaN();
  });

  it('says what a window must hold where one sample will not do, and only there', () => {
    expect(feature.needs === undefined).toBe(!Number.isNaN(of(signal([3]))));
  });

  it('asks for evenly spaced samples where others give NaN, and only there', () => {
    const uneven = signal(
      Array.from({ length: 64 }, (_, i) => Math.sin(i)),
      Array.from({ length: 64 }, (_, i) => i * i),
    );
    expect(feature.needs?.includes('evenly spaced') ?? false).toBe(Number.isNaN(of(uneven)));
  });

  it('looks at nothing but the samples between start and end, and leaves them alone', () => {
    const { values = [], times = [] } = example ?? {};
    const alone = of(signal(values, times));
    const within = signal([1e9, ...values, Number.NaN, -1e9], [0, ...times, 9e12, 9e12]);
    expect(of({ ...within, start: 1, end: values.length + 1 })).toBe(alone);
    expect(Array.from(within.values.slice(1, -2))).toEqual(values);
    expect(Array.from(within.times.slice(1, -2))).toEqual(times);
  });

  it('keeps nothing from signal to signal', () => {
    const first = of(signal([1, 5, 2, 8]));
    of(signal([1e6, -1e6, 3]));
    expect(of(signal([1, 5, 2, 8]))).toBe(first);
  });
});

describe('a signal that is constant but for rounding', () => {
  const x = 350.01;
  const nearly = signal([x, x, x * (1 + Number.EPSILON), x, x]);

  it.each(['std', 'skewness', 'kurtosis', 'zero_crossings'])('has no %s', (feature) => {
    expect(compute(feature, nearly)).toBe(0);
  });
});

describe('the catalogue', () => {
  it('names each feature once', () => {
    expect(new Set(features.map(({ name }) => name)).size).toBe(features.length);
  });
});

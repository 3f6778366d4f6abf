import { describe, expect, it } from 'vitest';
import type { Window } from '../../src/common/core/index.ts';
import { createVectorizer, type InputSpec, inputSchema, type Vectorizer } from '../../src/scoring/features/index.ts';
import { createAssetWindows } from '../../src/scoring/windows/index.ts';
import digest from './fixtures/digest.json' with { type: 'json' };
import { signal, window } from './support.ts';

const UNITS = { a: 'bar', b: '°C' };

function run(vectorizer: Vectorizer, of: Window): { out: number[]; summary: number[] } {
  const out = new Float64Array(vectorizer.length);
  const summary = new Float64Array(vectorizer.names.length);
  vectorizer.write(of, out, summary);
  return { out: [...out], summary: [...summary] };
}

describe('a raw tensor over a count window', () => {
  const raw = (layout: 'TC' | 'CT'): InputSpec => ({
    tensor: 'x',
    layout,
    tags: ['b', 'a'],
    scaling: { offset: [10, 0], scale: [2, 4] },
  });
  const signals = [signal([1, 2, 3]), signal([12, 14, 16])];

  it.each([
    ['TC', [3, 2], [1, 0.25, 2, 0.5, 3, 0.75]],
    ['CT', [2, 3], [1, 2, 3, 0.25, 0.5, 0.75]],
  ] as const)('is laid out as %s, in the order of its own tags, scaled', (layout, shape, expected) => {
    const vectorizer = createVectorizer(raw(layout), ['a', 'b'], UNITS, { count: 3 });
    expect(vectorizer).toMatchObject({ length: 6, shape, names: ['b', 'a'], units: ['°C', 'bar'] });
    expect(run(vectorizer, window(signals))).toEqual({ out: expected, summary: [16, 3] });
  });

  it('has the shape that the manifest gives it, of as many numbers', () => {
    const shaped = { ...raw('TC'), shape: [1, 3, 2] };
    const vectorizer = createVectorizer(shaped, ['a', 'b'], UNITS, { count: 3 });
    expect(vectorizer).toMatchObject({ length: 6, shape: [1, 3, 2] });
    expect(run(vectorizer, window(signals))).toEqual(
      run(createVectorizer(raw('TC'), ['a', 'b'], UNITS, { count: 3 }), window(signals)),
    );
    expect(() => createVectorizer({ ...shaped, shape: [1, 3, 3] }, ['a', 'b'], UNITS, { count: 3 })).toThrow(
      '[1,3,3] is 9 numbers, a window gives 6',
    );
  });

  it('scales before it rounds to float32', () => {
    const input: InputSpec = { tensor: 'x', layout: 'TC', tags: ['a'], scaling: { offset: [2388], scale: [0.1] } };
    const { out } = run(createVectorizer(input, ['a'], UNITS, { count: 1 }), window([signal([2388.0123])]));
    expect(out[0]).toBeCloseTo(0.123, 6);
  });

  it('has NaN for a tag that lacks samples', () => {
    const vectorizer = createVectorizer(raw('TC'), ['a', 'b'], UNITS, { count: 3 });
    const { out, summary } = run(vectorizer, window([signal([1, 2]), signal([12, 14, 16])]));
    expect(out).toEqual([1, Number.NaN, 2, Number.NaN, 3, Number.NaN]);
    expect(summary).toEqual([16, 2]);
    expect(run(vectorizer, window([signal([]), signal([12, 14, 16])])).summary).toEqual([16, Number.NaN]);
  });

  it('takes the windows as they slide', () => {
    const tags = [{ name: 'a' }, { name: 'b' }];
    const spec = { count: 3, every: 1 };
    const options = { lateness: 0, idle: 1000, maxMissing: 0, maxReadings: 1000 };
    const windows = createAssetWindows({ tags, window: spec, ...options });
    const vectorizer = createVectorizer({ tensor: 'x', layout: 'TC', tags: ['a', 'b'] }, ['a', 'b'], UNITS, spec);
    const seen: number[][] = [];
    for (let t = 0; t < 300; t += 1) {
      windows.push(t, Float64Array.of(t, -t), Uint32Array.of(0, 0), 0);
      for (let next = windows.next(); next; next = windows.next()) seen.push(run(vectorizer, next).out);
    }
    expect(seen).toEqual(Array.from({ length: 298 }, (_, t) => [t, -t, t + 1, -t - 1, t + 2, -t - 2]));
  });
});

describe('a raw tensor over a time window', () => {
  const input: InputSpec = {
    tensor: 'x',
    layout: 'CT',
    tags: ['a', 'b'],
    grid: { period: 10, method: 'previous' },
  };

  it('brings tags of several rates onto its grid', () => {
    const vectorizer = createVectorizer(input, ['a', 'b'], UNITS, { length: 40 });
    const of = window([signal([1, 2, 3, 4], [100, 110, 120, 130]), signal([7, 8], [100, 120])], 100, 140);
    expect(vectorizer.shape).toEqual([2, 4]);
    expect(run(vectorizer, of)).toEqual({ out: [1, 2, 3, 4, 7, 7, 8, 8], summary: [4, 8] });
  });

  it('has NaN for a tag without any sample', () => {
    const vectorizer = createVectorizer(input, ['a', 'b'], UNITS, { length: 20 });
    const of = window([signal([1, 2], [100, 110]), signal([])], 100, 120);
    expect(run(vectorizer, of)).toEqual({ out: [1, 2, Number.NaN, Number.NaN], summary: [2, Number.NaN] });
  });
});

describe('a vector of features', () => {
  const input: InputSpec = {
    tensor: 'x',
    statistics: [
      { tags: ['b', 'a'], features: ['mean', { feature: 'max' }] },
      { tags: ['a'], features: ['slope'] },
    ],
    scaling: { offset: [0, 0, 1, 0, 0], scale: [1, 1, 1, 2, 1] },
  };

  it('has groups in order, tags outside, features inside, and says its names and units', () => {
    const vectorizer = createVectorizer(input, ['a', 'b'], UNITS, { length: 3000 });
    expect(vectorizer.shape).toEqual([5]);
    expect(vectorizer.names).toEqual(['b.mean', 'b.max', 'a.mean', 'a.max', 'a.slope']);
    expect(vectorizer.units).toEqual(['°C', '°C', 'bar', 'bar', 'bar/s']);
    const { out, summary } = run(vectorizer, window([signal([1, 2, 3]), signal([10, 20, 60])]));
    expect(summary).toEqual([30, 60, 2, 3, 1]);
    expect(out).toEqual([30, 60, 1, 1.5, 1]);
  });
});

describe('derived features', () => {
  const statistics = [{ tags: ['a', 'b'], features: ['mean', 'max'] }];
  const derive = (derived: Record<string, { formula: string; unit?: string }>) =>
    createVectorizer(inputSchema.parse({ tensor: 'x', statistics, derived }), ['a', 'b'], UNITS, { count: 2 });
  const power = derive({ power: { formula: 'a.mean * b.max - 1', unit: 'W' }, sum: { formula: 'a.max + b.max' } });
  const seen = window([signal([1, 3]), signal([10, 20])]);

  it('follow the statistics, with names and units of their own', () => {
    expect(power.names).toEqual(['a.mean', 'a.max', 'b.mean', 'b.max', 'power', 'sum']);
    expect(power.units.slice(-2)).toEqual(['W', '1']);
    expect(run(power, seen).out).toEqual([2, 3, 15, 20, 39, 23]);
  });

  it('are not a number where a part of them is not', () => {
    expect(run(power, window([signal([]), signal([10, 20])])).out.slice(-2)).toEqual([Number.NaN, Number.NaN]);
  });

  it('follow what is hidden of the tags that they are made of', () => {
    const features = new Float64Array(6);
    const vector = new Float64Array(6);
    power.write(seen, vector, features);
    const out = new Float64Array(6);
    power.occlude({ vector, features }, new Set(['b']), Float64Array.of(0, 0, 5, 6, 0, 0), out);
    expect([...out]).toEqual([2, 3, 5, 6, 11, 9]);
  });

  it('leave alone what is called as a word of CEL, unless they read it', () => {
    const named = (formula: string) => {
      const input = {
        tensor: 'x',
        statistics: [{ tags: ['type', 'b'], features: ['mean'] }],
        derived: { d: { formula } },
      };
      return createVectorizer(inputSchema.parse(input), ['type', 'b'], {}, { count: 1 });
    };
    expect(run(named('b.mean * 2'), window([signal([1]), signal([3])])).out).toEqual([1, 3, 6]);
    expect(() => named('type.mean * 2')).toThrow('a meaning of its own');
  });

  it.each([
    ['of a feature that the vector lacks', 'a.std * 2', 'unknown member of a'],
    ['of a tag that the vector lacks', 'c.mean * 2', 'unknown variable c'],
    ['that is no number', 'a.mean > 2', 'not a number'],
  ])('are refused with a formula %s', (_, formula, reason) => {
    expect(() => derive({ wrong: { formula } })).toThrow(reason);
  });
});

describe('what is hidden of a raw tensor', () => {
  it('shows the reference at all times, scaled as the rest', () => {
    const input: InputSpec = {
      tensor: 'x',
      layout: 'TC',
      tags: ['a', 'b'],
      scaling: { offset: [0, 10], scale: [1, 2] },
    };
    const vectorizer = createVectorizer(input, ['a', 'b'], UNITS, { count: 2 });
    const seen = { vector: Float64Array.of(1, 2, 3, 4), features: Float64Array.of(3, 18) };
    const out = new Float64Array(4);
    vectorizer.occlude(seen, new Set(['b']), Float64Array.of(7, 30), out);
    expect([...out]).toEqual([1, 10, 3, 10]);
  });
});

describe('the digest of a feature specification', () => {
  const { input, units, window: extent } = digest.described;
  const digestOf = (
    spec: unknown,
    tags = ['a', 'b'],
    tagUnits: Record<string, string> = units,
    length = extent.length,
  ) => createVectorizer(inputSchema.parse(spec), tags, tagUnits, { length }).digest;

  it('is the SHA-256 of its canonical JSON', () => {
    expect(digestOf(input)).toBe(digest.sha256);
  });

  it('does not depend on the order of keys, of the windows’ tags, or on tags that are not used', () => {
    const turned = Object.fromEntries(Object.entries(input).reverse());
    expect(digestOf(turned, ['b', 'c', 'a'], { c: 'V', ...units })).toBe(digest.sha256);
  });

  it('changes with whatever changes the vector', () => {
    const digests = [
      digestOf(input),
      digestOf({ ...input, statistics: [{ tags: ['a', 'b'], features: ['mean', 'std'] }] }),
      digestOf({ ...input, statistics: [{ tags: ['b', 'a'], features: ['mean', 'rms'] }] }),
      digestOf({ ...input, scaling: { ...input.scaling, offset: [1, 2, 3, 5] } }),
      digestOf(input, ['a', 'b'], { ...units, a: 'K' }),
      digestOf(input, ['a', 'b'], units, 30_000),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});

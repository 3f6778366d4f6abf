import { describe, expect, it } from 'vitest';
import type { Signal } from '../../src/common/core/index.ts';
import {
  createVectorizer,
  type InputSpec,
  inputSchema,
  tagsOf,
  type WindowExtent,
} from '../../src/scoring/features/index.ts';
import { SKF_6205, signal, window } from './support.ts';

const UNITS = { vibration: 'g', speed: 'rpm', mode: '1' };
const TAGS = ['vibration', 'speed', 'mode'];

function vectorOf(input: unknown, signals: readonly Signal[], extent: WindowExtent = { length: 1000 }) {
  const spec: InputSpec = inputSchema.parse(input);
  const vectorizer = createVectorizer(spec, TAGS, UNITS, extent);
  const out = new Float64Array(vectorizer.length);
  const summary = new Float64Array(vectorizer.names.length);
  const reason = vectorizer.write(window(signals, 0, 1000), out, summary);
  return { names: vectorizer.names, out: [...out], summary: [...summary], reason };
}

const refusal = (input: unknown, extent?: WindowExtent): unknown => {
  try {
    return vectorOf(input, [], extent);
  } catch (error) {
    return error;
  }
};

describe('scaling by operating mode', () => {
  const modes = [
    { name: 'idle', when: 'tags.speed < 100', offset: [0, 1], scale: [1, 1] },
    { name: 'cutting', when: 'tags.speed >= 100 && tags.mode == 2', offset: [10, 0], scale: [2, 4] },
  ];
  const features = {
    tensor: 'x',
    statistics: [{ tags: ['vibration'], features: ['mean', 'max'] }],
    scaling: { modes },
  };
  const vibration = signal([11, 13]);
  const at = (...speed: number[]) => [vibration, signal(speed), signal([2])];

  it('takes the constants of the mode that the last values of the window are in', () => {
    expect(vectorOf(features, at(500, 20)).out).toEqual([12, 12]);
    expect(vectorOf(features, at(20, 500)).out).toEqual([1, 3.25]);
  });

  it('gives no vector, and says why, where no mode holds or the tag has no value', () => {
    for (const signals of [[vibration, signal([500]), signal([1])], at()]) {
      const { out, summary, reason } = vectorOf(features, signals);
      expect(out.every(Number.isNaN)).toBe(true);
      expect(summary).toEqual([12, 13]);
      expect(reason).toBe('no operating mode holds (idle, cutting)');
    }
  });

  it('works for a raw tensor, tag by tag', () => {
    const raw = { tensor: 'x', layout: 'TC', tags: ['vibration', 'speed'], scaling: { modes } };
    const extent = { count: 2 };
    expect(vectorOf(raw, at(30, 20), extent).out).toEqual([11, 29, 13, 19]);
    expect(vectorOf(raw, [vibration, signal([500, 500]), signal([0])], extent).reason).toMatch(/no operating mode/);
  });

  it('holds where a tag is taken out, too', () => {
    const vectorizer = createVectorizer(inputSchema.parse(features), TAGS, UNITS, { length: 1000 });
    for (const [speed, expected] of [
      [20, [5, 5]],
      [500, [-2.5, 1.5]],
    ] as const) {
      const seen = { vector: new Float64Array(2), features: new Float64Array(2) };
      vectorizer.write(window(at(speed)), seen.vector, seen.features);
      const out = new Float64Array(2);
      vectorizer.occlude(seen, new Set(['vibration']), Float64Array.of(5, 6), out);
      expect([...out]).toEqual(expected);
    }
  });

  it('brings the tags that tell the mode into the windows', () => {
    expect(tagsOf(inputSchema.parse(features))).toEqual(['vibration', 'speed', 'mode']);
  });

  it('is refused with the place where a condition or a length is wrong', () => {
    const changed = (change: object) => ({ ...features, scaling: { modes: [{ ...modes[0], ...change }] } });
    expect(refusal(changed({ when: 'tags.sped < 1' }))).toMatchObject({
      code: 'expression.invalid',
      path: 'input.scaling.modes.0.when',
      hint: expect.stringContaining('speed'),
    });
    expect(refusal(changed({ scale: [1] }))).toMatchObject({
      code: 'features.scaling-length',
      path: 'input.scaling.modes.0.scale',
    });
  });
});

describe('features of a tag on a grid', () => {
  const group = (grid: object, features: unknown[]) => ({
    tensor: 'x',
    statistics: [{ tags: ['vibration'], features, grid }],
  });

  it('see its points instead of its samples', () => {
    const of = [signal([1, 5], [0, 700])];
    expect(vectorOf(group({ period: '100ms', method: 'previous' }, ['mean', 'max']), of).out).toEqual([
      expect.closeTo(2.2),
      5,
    ]);
  });

  it('have no value where the limit leaves points without one', () => {
    const spec = group({ period: '100ms', method: 'previous', limit: '300ms' }, ['mean']);
    expect(vectorOf(spec, [signal([1, 5], [0, 700])]).out).toEqual([Number.NaN]);
    expect(vectorOf(spec, [signal([1, 1, 5], [0, 300, 600])]).out).toEqual([expect.closeTo(2.6)]);
  });

  it('are the same, to a thousandth, of one vibration sampled at 48 and at 12 kHz', () => {
    const sampled = (rate: number) => {
      const x = Array.from({ length: rate }, (_, i) => Math.sin((2 * Math.PI * 440 * i) / rate) + Math.sin(i / rate));
      return [
        signal(
          x,
          x.map((_, i) => (1000 * i) / rate),
        ),
      ];
    };
    const spec = group({ rate: 12_000, method: 'band_limited' }, [
      { feature: 'band_power', low: 400, high: 500 },
      'rms',
      { feature: 'peak_frequency', low: 100 },
    ]);
    const [fast, slow] = [vectorOf(spec, sampled(48_000)).out, vectorOf(spec, sampled(12_000)).out];
    for (const [i, value] of slow.entries()) expect(Math.abs((fast[i] ?? 0) / value - 1)).toBeLessThan(1e-3);
  });

  it('are refused where the grid does not fit the window', () => {
    const code = 'features.invalid-grid';
    const path = 'input.statistics.0.grid';
    const previous = { method: 'previous' };
    expect(refusal(group({ period: '300ms', ...previous }, ['mean']))).toMatchObject({ code, path: `${path}.period` });
    expect(refusal(group({ rate: 0.3, ...previous }, ['mean']))).toMatchObject({ code, path: `${path}.rate` });
    expect(refusal(group({ rate: 10, ...previous }, ['mean']), { count: 5 })).toMatchObject({ code, path });
    const neither = inputSchema.safeParse(group(previous, ['mean']));
    const both = inputSchema.safeParse(group({ period: '1s', rate: 1, ...previous }, ['mean']));
    expect([neither.success, both.success]).toEqual([false, false]);
  });
});

describe('features with parameters', () => {
  it('are called by their parameters, or as the manifest calls them', () => {
    const entries = [
      { feature: 'lag', samples: 1 },
      { feature: 'lag', samples: 0, as: 'latest' },
    ];
    const { names, out } = vectorOf({ tensor: 'x', statistics: [{ tags: ['vibration'], features: entries }] }, [
      signal([3, 4]),
    ]);
    expect(names).toEqual(['vibration.lag(samples=1)', 'vibration.latest']);
    expect(out).toEqual([3, 4]);
  });

  it('may read another tag, which is then part of the windows', () => {
    const bpfo = {
      feature: 'envelope_amplitude',
      defect: 'BPFO',
      bearing: SKF_6205,
      speed: { tag: 'speed' },
      as: 'bpfo',
    };
    const spec = { tensor: 'x', statistics: [{ tags: ['vibration'], features: [bpfo] }] };
    expect(tagsOf(inputSchema.parse(spec))).toEqual(['vibration', 'speed']);
    const vibration = signal(
      Array.from({ length: 4000 }, (_, i) => (1 + Math.sin((i * 2 * Math.PI * 107.36) / 4000)) * Math.sin(i)),
      Array.from({ length: 4000 }, (_, i) => i / 4),
    );
    expect(vectorOf(spec, [vibration, signal([1797])]).out[0]).toBeCloseTo(1, 1);
    expect(vectorOf(spec, [vibration, signal([900])]).out[0]).toBeLessThan(0.05);
    expect(vectorOf(spec, [vibration, signal([])]).out[0]).toBeNaN();
    const strange = { ...bpfo, speed: { tag: 'sped' } };
    expect(refusal({ tensor: 'x', statistics: [{ tags: ['vibration'], features: [strange] }] })).toMatchObject({
      code: 'features.unknown-tag',
      hint: expect.stringContaining('speed'),
    });
  });
});

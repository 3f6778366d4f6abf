import { describe, expect, it } from 'vitest';
import type { OutputBatch, PredictionRecord, Reading } from '../../src/common/core/index.ts';
import {
  assetSchema,
  type Effect,
  type InferEffect,
  Pipeline,
  pipelineSchema,
  type RecordEffect,
  readModel,
} from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, scoreManifest } from '../support/bundle.ts';

interface Changes {
  readonly config?: Record<string, unknown>;
  readonly manifest?: Record<string, unknown>;
  readonly assets?: Record<string, unknown>;
  readonly profile?: unknown;
}

function createPipeline({ config = {}, manifest = {}, assets = {}, profile }: Changes = {}): Pipeline {
  const bundle = memoryBundle({
    'manifest.json': scoreManifest(manifest),
    'model.onnx': new Uint8Array([1]),
    ...(profile === undefined ? {} : { 'profile.json': profile }),
  });
  return new Pipeline({
    name: 'p',
    config: pipelineSchema.parse({ source: 's', model: 'm', ...config }),
    assets: Object.fromEntries(Object.entries(assets).map(([name, asset]) => [name, assetSchema.parse(asset)])),
    model: readModel(bundle),
  });
}

const reading = (asset: string, t: number, a: unknown, b: unknown = 0): Reading =>
  ({ asset, t, values: { a, b } }) as Reading;

const infers = (effects: readonly Effect[]): InferEffect[] => effects.filter((effect) => effect.kind === 'infer');
const records = (effects: readonly Effect[]) =>
  effects.filter((effect): effect is RecordEffect => effect.kind === 'record').map(({ record }) => record);
const predictions = (effects: readonly Effect[]): PredictionRecord[] =>
  records(effects).filter((record) => record.type === 'prediction');
const scores = (...values: number[]): OutputBatch => ({
  names: ['score'],
  data: [Float64Array.from(values)],
  widths: [1],
});

/** Pushes readings and answers each window with its newest value of `a` as the score. */
function drive(pipeline: Pipeline, readings: readonly Reading[]) {
  const all = [];
  for (const each of readings) {
    const effects = pipeline.push(each, each.t);
    const asked = infers(effects).map(({ ticket, vector }) => ({ ticket, score: vector.at(-2) ?? Number.NaN }));
    all.push(...records(effects));
    for (const { ticket, score } of asked) all.push(...records(pipeline.complete(ticket, scores(score), 0, each.t)));
  }
  return all;
}

describe('Pipeline', () => {
  it('asks for each full window, with its readings in order of time and channel', () => {
    const pipeline = createPipeline();
    expect(infers(pipeline.push(reading('x', 1000, 1, 2), 1))).toEqual([]);
    const [asked] = infers(pipeline.push(reading('x', 2000, 3, 4), 2));
    expect([...(asked?.vector ?? [])]).toEqual([1, 2, 3, 4]);
    expect(asked?.model).toBe(pipeline.identity.digest);
  });

  it('decides in the order in which windows closed, though answers come in another', () => {
    const pipeline = createPipeline();
    const tickets: number[] = [];
    for (const [asset, t] of [
      ['x', 1],
      ['y', 1],
      ['x', 2],
      ['y', 2],
      ['x', 3],
    ] as const) {
      tickets.push(...infers(pipeline.push(reading(asset, t, t), t)).map(({ ticket }) => ticket));
    }
    const [first = -1, second = -1, third = -1] = tickets;
    expect(predictions(pipeline.complete(third, scores(0.3), 0, 9))).toEqual([]);
    expect(predictions(pipeline.complete(second, scores(0.2), 0, 9))).toEqual([]);
    expect(pipeline.waiting).toBe(3);
    const out = predictions(pipeline.complete(first, scores(0.1), 0, 9));
    expect(out.map(({ asset, to }) => [asset, to])).toEqual([
      ['x', 2],
      ['y', 2],
      ['x', 3],
    ]);
    expect(pipeline.waiting).toBe(0);
  });

  it('answers a ticket once: a second answer changes nothing', () => {
    const pipeline = createPipeline();
    pipeline.push(reading('x', 1, 0), 1);
    const [asked] = infers(pipeline.push(reading('x', 2, 0), 2));
    expect(predictions(pipeline.complete(asked?.ticket ?? -1, scores(0), 0, 3))).toHaveLength(1);
    expect(pipeline.complete(asked?.ticket ?? -1, scores(0), 0, 3)).toEqual([]);
  });

  it.each([
    ['NaN', Number.NaN, 'BadSensorFailure'],
    ['null', null, 'BadSensorFailure'],
    ['text', 'high', 'BadDecodingError'],
    ['out of the range configured', 500, 'BadOutOfRange'],
  ])('abstains with the reason where a value is %s, and does not ask the model', (_, value, code) => {
    const pipeline = createPipeline({ assets: { x: { tags: { a: { range: [0, 100] } } } } });
    pipeline.push(reading('x', 1, 1), 1);
    const effects = pipeline.push(reading('x', 2, value), 2);
    expect(infers(effects)).toEqual([]);
    const [prediction] = predictions(effects);
    expect(prediction).toMatchObject({ output: null, decision: 'abstain', quality: { code } });
    expect(prediction?.quality.reasons.join()).toContain('a');
  });

  it('never calls a NaN of the model normal', () => {
    const pipeline = createPipeline();
    pipeline.push(reading('x', 1, 1), 1);
    const [asked] = infers(pipeline.push(reading('x', 2, 1), 2));
    const [prediction] = predictions(pipeline.complete(asked?.ticket ?? -1, scores(Number.NaN), 0, 3));
    expect(prediction).toMatchObject({ output: null, decision: 'abstain' });
  });

  it('abstains with the code of the failure where the model gives no answer', () => {
    const pipeline = createPipeline();
    pipeline.push(reading('x', 1, 1), 1);
    const [asked] = infers(pipeline.push(reading('x', 2, 1), 2));
    const [prediction] = predictions(pipeline.fail(asked?.ticket ?? -1, 'inference.deadline', 3));
    expect(prediction).toMatchObject({
      output: null,
      decision: 'abstain',
      quality: { reasons: ['inference.deadline'] },
    });
    expect(pipeline.counts.failed).toBe(1);
  });

  it('gives categories their numbers, and says which one it does not know', () => {
    const tags = { a: { unit: 'grade', values: { L: 0, M: 1, 7: 2 } }, b: { unit: 'degC' } };
    const pipeline = createPipeline({ manifest: { tags, window: { count: 1 } } });
    const vectors = ['L', 'M', 7].map((grade, t) => infers(pipeline.push(reading('x', t, grade, t), t))[0]?.vector);
    expect(vectors.map((vector) => [...(vector ?? [])])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    for (const unknown of ['XL', 'constructor']) {
      pipeline.push(reading('y', 1, unknown), 3);
      expect(pipeline.counts.unknownCategories.get(`a=${unknown}`)).toBe(1);
    }
    const [refused] = predictions(
      createPipeline({ manifest: { tags, window: { count: 1 } } }).push(reading('x', 1, 'XL'), 1),
    );
    expect(refused).toMatchObject({ decision: 'abstain', quality: { code: 'BadOutOfRange' } });
    expect(refused?.quality.reasons).toEqual(['a: BadOutOfRange x1']);
  });

  it('gives any other category the number of the one that stands for it, and marks and counts it all the same', () => {
    const tags = { a: { unit: 'grade', values: { L: 0, '?': 9 }, other: '?' }, b: { unit: 'degC' } };
    const pipeline = createPipeline({ manifest: { tags, window: { count: 1 } } });
    const [asked] = infers(pipeline.push(reading('x', 1, 'XL', 5), 1));
    expect([...(asked?.vector ?? [])]).toEqual([9, 5]);
    const [prediction] = predictions(pipeline.complete(asked?.ticket ?? -1, scores(1), 0, 1));
    expect(prediction).toMatchObject({ quality: { code: 'UncertainEngineeringUnitsExceeded' }, output: { score: 1 } });
    expect(pipeline.counts.unknownCategories.get('a=XL')).toBe(1);
    const nobody = { ...tags, a: { ...tags.a, other: 'XS' } };
    expect(() => createPipeline({ manifest: { tags: nobody } })).toThrow(/other.*must be one of values/);
  });

  it('binds tags by name, scales them and counts the ones it does not use', () => {
    const pipeline = createPipeline({
      config: { tags: { a: 'raw_a' } },
      assets: { machine: { match: 'x*', tags: { raw_a: { scale: 2, offset: 1 } } } },
    });
    const values = { raw_a: 10, b: true, extra: 5 };
    pipeline.push({ asset: 'x1', t: 1, values }, 1);
    const [asked] = infers(pipeline.push({ asset: 'x1', t: 2, values }, 2));
    expect([...(asked?.vector ?? [])]).toEqual([21, 1, 21, 1]);
    expect(pipeline.counts.ignoredTags.get('extra')).toBe(2);
  });

  it('follows only assets of its pattern, and no more of them than its limit', () => {
    const pipeline = createPipeline({ config: { assets: 'pump-*', limits: { assets: 1 } } });
    drive(pipeline, [reading('fan-1', 1, 1), reading('pump-1', 1, 1), reading('pump-2', 1, 1)]);
    expect(pipeline.assets).toBe(1);
    expect(pipeline.counts).toMatchObject({ readings: 1, tooManyAssets: 1 });
  });

  it('uses readings only while the gate holds, and lets no window span a stop', () => {
    const pipeline = createPipeline({ config: { when: 'tags.b > 0.5' } });
    const out = drive(pipeline, [
      reading('x', 1, 0, 1),
      reading('x', 2, 0, 0),
      reading('x', 3, 0, 1),
      reading('x', 4, 0, 1),
    ]);
    expect(out.map((record) => record.type === 'prediction' && [record.from, record.to])).toEqual([[3, 4]]);
    expect(pipeline.counts.gated).toBe(1);
  });

  it('keeps an alarm between the condition that raises it and the one that clears it', () => {
    const pipeline = createPipeline({
      config: { alarms: { hot: { when: 'output.score > 5', until: 'output.score < 3' } } },
    });
    const out = drive(
      pipeline,
      [4, 4, 6, 4, 3, 2, 4, 6].map((score, second) => reading('x', second * 1000, score)),
    );
    const alarms = out.filter((record) => record.type === 'alarm');
    expect(alarms.map(({ state, t }) => [state, t])).toEqual([
      ['raised', 2000],
      ['cleared', 5000],
      ['raised', 7000],
    ]);
  });

  it('raises an alarm at k of n and clears it, each after the prediction it rests on', () => {
    const pipeline = createPipeline({
      config: { alarms: { hot: { raise: { k: 2, n: 3 }, clear: { k: 2, n: 2 }, severity: 'high' } } },
    });
    const values = [0, 5, 0, 5, 0, 0];
    const out = drive(
      pipeline,
      values.map((value, index) => reading('x', index, value)),
    );
    const alarms = out.filter((record) => record.type === 'alarm');
    expect(alarms.map(({ state, t, since }) => [state, t, since])).toEqual([
      ['raised', 3, 3],
      ['cleared', 5, 3],
    ]);
    const index = out.findIndex((record) => record.type === 'alarm');
    expect(out[index - 1]).toMatchObject({ type: 'prediction', to: 3, decision: 'anomaly' });
  });

  it('shows an overridden threshold in its decision and in the record', () => {
    const pipeline = createPipeline({ config: { overrides: { threshold: { anomaly: 10 } } } });
    const [first] = drive(pipeline, [reading('x', 1, 5), reading('x', 2, 5)]);
    expect(first).toMatchObject({ decision: 'normal', overrides: { threshold: { anomaly: 10 } } });
  });

  it('gives every record the number of the reading that closed its window', () => {
    const pipeline = createPipeline();
    pipeline.push(reading('x', 1, 1), 1, 7);
    const [asked] = infers(pipeline.push(reading('x', 2, 1), 2, 8));
    const [effect] = pipeline.complete(asked?.ticket ?? -1, scores(0), 0, 3);
    expect(effect).toMatchObject({ kind: 'record', readingNumber: 8 });
  });

  it('summarises features and outputs per asset and period of event time', () => {
    const distribution = {
      counts: [0],
      underflow: 0,
      overflow: 0,
      missing: 0,
      n: 0,
      mean: 0,
      m2: 0,
      min: null,
      max: null,
    };
    const reference = { edges: [0, 10], distribution };
    const pipeline = createPipeline({
      config: { summaries: { every: '10ms' } },
      profile: {
        schema: 'edgewright.profile/1',
        rows: 0,
        features: { a: reference, b: reference },
        outputs: { anomaly: reference },
      },
    });
    const out = drive(
      pipeline,
      [1, 4, 8, 14, 15].map((t) => reading('x', t, t, 20)),
    );
    const rest = records(pipeline.closeSummaries());
    const summaries = [...out, ...rest].filter((record) => record.type === 'summary');
    expect(summaries.map(({ from, to, predictions: count }) => [from, to, count])).toEqual([
      [0, 10, 2],
      [10, 15, 2],
    ]);
    expect(summaries[0]?.features).toMatchObject({ a: { n: 2, mean: 6, counts: [2] }, b: { n: 2, overflow: 2 } });
    expect(summaries[0]?.outputs).toMatchObject({ anomaly: { n: 2, mean: 6 } });
  });
});

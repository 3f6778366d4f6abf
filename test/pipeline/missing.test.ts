import { describe, expect, it } from 'vitest';
import { EdgewrightError, type OutputBatch, type Reading, type ReadingValue } from '../../src/common/core/index.ts';
import { type Effect, Pipeline, pipelineSchema, readModel, vectorizerOf } from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, scoreManifest } from '../support/bundle.ts';

const NAN = Number.NaN;
const means = { tensor: 'x', statistics: [{ tags: ['a', 'b'], features: ['mean'] }] };
const tags = (a: unknown, b: unknown = undefined) => ({ a: { unit: 'bar', missing: a }, b: { unit: 'C', missing: b } });

function load(manifest: object, files: object = {}) {
  return readModel(
    memoryBundle({ 'manifest.json': scoreManifest({ ...manifest }), 'model.onnx': new Uint8Array([1]), ...files }),
  );
}

function createPipeline(manifest: object, files: object = {}): Pipeline {
  const config = pipelineSchema.parse({ source: 's', model: 'm', summaries: { every: '1s' } });
  return new Pipeline({ name: 'p', config, assets: {}, model: load(manifest, files) });
}

const reading = (t: number, values: Record<string, ReadingValue>): Reading => ({ asset: 'x', t, values });
const score: OutputBatch = { names: ['score'], data: [Float64Array.of(0)], widths: [1] };

/** What comes of readings, each answered; the last one is behind all windows. */
function drive(pipeline: Pipeline, readings: readonly Reading[]) {
  const effects: Effect[] = [];
  const vectors: number[][] = [];
  const take = (some: readonly Effect[]) => {
    for (const effect of [...some]) {
      effects.push(effect);
      if (effect.kind !== 'infer') continue;
      vectors.push([...effect.vector]);
      take(pipeline.complete(effect.ticket, score, 0, 1e6));
    }
  };
  for (const each of readings) take(pipeline.push(each, each.t));
  take(pipeline.flush(1e6));
  take(pipeline.closeSummaries());
  const records = effects.flatMap((effect) => (effect.kind === 'record' ? [effect.record] : []));
  return {
    vectors,
    predictions: records.filter((record) => record.type === 'prediction'),
    summaries: records.filter((record) => record.type === 'summary'),
  };
}

const one = { window: { count: 1 }, input: means };

describe('a tag that may be missing', () => {
  it.each<[what: string, values: Record<string, ReadingValue>, reason: string]>([
    ['null', { a: null, b: 2 }, 'a: BadSensorFailure x1'],
    ['NaN', { a: NAN, b: 2 }, 'a: BadSensorFailure x1'],
    ['text', { a: '---', b: 2 }, 'a: BadDecodingError x1'],
    ['not there', { b: 2 }, 'a: missing 1 of 1'],
  ])('reaches the model as NaN where it is %s, and the prediction says so', (_, values, reason) => {
    const { vectors, predictions } = drive(createPipeline({ ...one, tags: tags('nan') }), [reading(0, values)]);
    expect(vectors).toEqual([[NAN, 2]]);
    expect(predictions).toMatchObject([
      { decision: 'normal', missing: ['a'], quality: { code: 'UncertainDataSubNormal', reasons: [reason] } },
    ]);
  });

  it('is its fill where it has one, in its unit before the scaling', () => {
    const input = { ...means, scaling: { offset: [20, 0], scale: [0.5, 1] } };
    const pipeline = createPipeline({ ...one, input, tags: tags({ fill: 21.5 }) });
    const { vectors, predictions } = drive(pipeline, [reading(0, { b: 2 })]);
    expect(vectors).toEqual([[3, 2]]);
    expect(predictions).toMatchObject([{ missing: ['a'], quality: { code: 'UncertainDataSubNormal' } }]);
  });

  it('is not missing where it is there: the record says nothing of it', () => {
    const { vectors, predictions } = drive(createPipeline({ ...one, tags: tags('nan') }), [reading(0, { a: 1, b: 2 })]);
    expect(vectors).toEqual([[1, 2]]);
    expect(predictions[0]).not.toHaveProperty('missing');
    expect(predictions[0]?.quality).toEqual({ code: 'Good', reasons: [] });
  });

  it('says nothing for the other tags: without the declaration a missing one abstains', () => {
    const pipeline = createPipeline({ ...one, tags: tags('nan') });
    const { vectors, predictions } = drive(pipeline, [reading(0, { a: 1, b: null }), reading(1, { a: null, b: null })]);
    expect(vectors).toEqual([]);
    expect(predictions.map(({ decision, quality }) => [decision, quality.code])).toEqual([
      ['abstain', 'BadSensorFailure'],
      ['abstain', 'BadSensorFailure'],
    ]);
  });

  it.each(['nan', { fill: 3 }])('abstains where every tag is missing: %j', (missing) => {
    const pipeline = createPipeline({ ...one, tags: tags(missing, missing) });
    const { vectors, predictions } = drive(pipeline, [reading(0, { a: null, b: null }), reading(1, { a: null })]);
    expect(vectors).toEqual([]);
    expect(predictions.map(({ decision }) => decision)).toEqual(['abstain', 'abstain']);
    expect(predictions[0]?.quality.code).toBe('BadSensorFailure');
    expect(predictions[0]).not.toHaveProperty('missing');
  });
});

describe('a window of several readings', () => {
  const window = { count: 3, every: 3 };
  const readings = [reading(0, { a: 1, b: 10 }), reading(1, { a: null, b: 20 }), reading(2, { b: 30 })];

  it('keeps the place of what is missing in a raw tensor', () => {
    const input = { tensor: 'x', layout: 'TC', tags: ['a', 'b'] };
    const { vectors, predictions } = drive(createPipeline({ window, input, tags: tags('nan') }), readings);
    expect(vectors).toEqual([[1, 10, NAN, 20, NAN, 30]]);
    expect(predictions).toMatchObject([{ missing: ['a'], decision: 'normal' }]);
  });

  it('fills it there, channel by channel and scaled', () => {
    const scaling = { offset: [1, 0], scale: [2, 10] };
    const input = { tensor: 'x', layout: 'CT', tags: ['a', 'b'], scaling };
    const { vectors } = drive(createPipeline({ window, input, tags: tags({ fill: 5 }) }), readings);
    expect(vectors).toEqual([[0, 2, 2, 1, 2, 3]]);
  });

  it('has statistics of the samples that are there, and NaN or the fill where none is', () => {
    const none = readings.map(({ t, values: { b = null } }) => reading(t, { b }));
    const statistics = [
      { tags: ['a'], features: ['mean', 'std'] },
      ...means.statistics.map((s) => ({ ...s, tags: ['b'] })),
    ];
    const input = { tensor: 'x', statistics };
    const some = drive(createPipeline({ window, input, tags: tags('nan') }), readings);
    expect(some.vectors).toEqual([[1, 0, 20]]);
    expect(some.predictions).toMatchObject([{ quality: { code: 'UncertainDataSubNormal' } }]);
    expect(some.predictions[0]).not.toHaveProperty('missing');
    expect(drive(createPipeline({ window, input, tags: tags('nan') }), none).vectors).toEqual([[NAN, NAN, 20]]);
    expect(drive(createPipeline({ window, input, tags: tags({ fill: 7 }) }), none).vectors).toEqual([[7, 0, 20]]);
  });

  it('takes no other sample for the one that a feature names by its place', () => {
    const statistics = [
      { tags: ['a'], features: [{ feature: 'lag', samples: 0 }, { feature: 'lag', samples: 2 }, 'rolling_difference'] },
      { tags: ['b'], features: ['mean'] },
    ];
    const input = { tensor: 'x', statistics };
    const { vectors } = drive(createPipeline({ window, input, tags: tags('nan') }), readings);
    expect(vectors).toEqual([[NAN, 1, NAN, 20]]);
    expect(drive(createPipeline({ window, input, tags: tags({ fill: 4 }) }), readings).vectors).toEqual([
      [4, 1, 0, 20],
    ]);
  });

  it('fills a feature of its own where the manifest says so', () => {
    const statistics = [
      { tags: ['a'], features: ['mean', { feature: 'std', fill: 0.25 }] },
      { tags: ['b'], features: ['mean'] },
    ];
    const pipeline = createPipeline({ window: { count: 1 }, input: { tensor: 'x', statistics }, tags: tags('nan') });
    const { vectors, predictions } = drive(pipeline, [reading(0, { b: 3 })]);
    expect(vectors).toEqual([[NAN, 0.25, 3]]);
    expect(predictions).toMatchObject([{ missing: ['a'] }]);
  });
});

describe('what is made of a missing tag', () => {
  it('a formula is NaN with it, and only then', () => {
    const derived = { ratio: { formula: 'a.mean / b.mean' }, half: { formula: 'b.mean / 2.0' } };
    const pipeline = createPipeline({ ...one, input: { ...means, derived }, tags: tags('nan') });
    expect(drive(pipeline, [reading(0, { b: 2 })]).vectors).toEqual([[NAN, 2, NAN, 1]]);
    const filled = createPipeline({ ...one, input: { ...means, derived }, tags: tags({ fill: 8 }) });
    expect(drive(filled, [reading(0, { b: 2 })]).vectors).toEqual([[8, 2, 4, 1]]);
  });

  it('a feature that is NaN for another reason still abstains, and is named', () => {
    const statistics = [
      { tags: ['a'], features: ['mean'] },
      { tags: ['b'], features: [{ feature: 'lag', samples: 5, as: 'ago' }] },
    ];
    const pipeline = createPipeline({
      window: { count: 1 },
      input: { tensor: 'x', statistics },
      tags: tags('nan', 'nan'),
    });
    const { vectors, predictions } = drive(pipeline, [reading(0, { b: 2 })]);
    expect(vectors).toEqual([]);
    expect(predictions[0]?.quality.reasons).toContain('features: b.ago not finite');
  });

  it('a category is the one that stands for it', () => {
    const values = { steel: 1, brass: 2, unknown: 9 };
    const manifest = { ...one, tags: { ...tags(undefined), a: { unit: '1', values, missing: { fill: 'unknown' } } } };
    const { vectors } = drive(createPipeline(manifest), [reading(0, { b: 2 }), reading(1, { a: 'brass', b: 2 })]);
    expect(vectors).toEqual([
      [9, 2],
      [2, 2],
    ]);
  });

  it('several tensors each have theirs', () => {
    const input = {
      tensors: { left: { layout: 'TC', tags: ['a'] }, right: { statistics: [{ tags: ['b'], features: ['mean'] }] } },
    };
    const both = createPipeline({ window: { count: 1 }, input, tags: tags('nan', { fill: 3 }) });
    const { vectors, predictions } = drive(both, [reading(0, { b: 2 }), reading(1, { a: 1 })]);
    expect(vectors).toEqual([
      [NAN, 2],
      [1, 3],
    ]);
    expect(predictions.map(({ missing }) => missing)).toEqual([['a'], ['b']]);
  });

  it('a mode of the scaling sees the fill, and holds not at all over NaN', () => {
    const modes = [{ name: 'on', when: 'tags.a > 5', offset: [0, 1], scale: [1, 1] }];
    const manifest = (missing: unknown) => ({ ...one, input: { ...means, scaling: { modes } }, tags: tags(missing) });
    expect(drive(createPipeline(manifest({ fill: 6 })), [reading(0, { b: 2 })]).vectors).toEqual([[6, 1]]);
    expect(drive(createPipeline(manifest('nan')), [reading(0, { b: 2 })]).predictions).toMatchObject([
      { decision: 'abstain', quality: { reasons: ['a: missing 1 of 1', 'no operating mode holds (on)'] } },
    ]);
  });
});

describe('a window of time', () => {
  const grid = { period: '1s', method: 'none' };
  const input = { tensor: 'x', layout: 'TC', tags: ['a', 'b'], grid };
  const manifest = (missing: unknown) => ({ window: { length: '3s' }, input, tags: tags(missing) });
  const readings = [reading(0, { a: 1, b: 10 }), reading(1000, { b: 20 }), reading(2000, { a: null, b: 30 })];

  it('has NaN or the fill on the points of the grid without a sample', () => {
    const { vectors, predictions } = drive(createPipeline(manifest('nan')), readings);
    expect(vectors).toEqual([[1, 10, NAN, 20, NAN, 30]]);
    expect(predictions).toMatchObject([{ missing: ['a'], quality: { code: 'UncertainDataSubNormal' } }]);
    expect(drive(createPipeline(manifest({ fill: 5 })), readings).vectors).toEqual([[1, 10, 5, 20, 5, 30]]);
  });

  it('says so of a gap that only the grid sees', () => {
    const gap = [reading(0, { a: 1, b: 10 }), reading(1000, { b: 20 }), reading(2000, { a: 3, b: 30 })];
    const { vectors, predictions } = drive(createPipeline(manifest('nan')), gap);
    expect(vectors).toEqual([[1, 10, NAN, 20, 3, 30]]);
    expect(predictions).toMatchObject([
      { missing: ['a'], quality: { code: 'UncertainDataSubNormal', reasons: ['a: missing'] } },
    ]);
  });

  it.each<[missing: unknown, vector: number[]]>([
    ['nan', [NAN, NAN, NAN, 20]],
    [{ fill: 5 }, [5, 0, 0, 20]],
  ])('of a tag that never came is %j', (missing, vector) => {
    const statistics = [
      { tags: ['a'], features: ['mean', 'std', 'slope'] },
      { tags: ['b'], features: ['mean'] },
    ];
    const never = readings.map(({ t, values: { b = null } }) => reading(t, { b }));
    const pipeline = createPipeline({ ...manifest(missing), input: { tensor: 'x', statistics } });
    const { vectors, predictions } = drive(pipeline, never);
    expect(vectors).toEqual([vector]);
    expect(predictions).toMatchObject([{ missing: ['a'], quality: { code: 'UncertainDataSubNormal' } }]);
  });
});

it.each(['nan', { fill: 4 }])(
  'a summary counts what was missing as missing, and does not measure it: %j',
  (missing) => {
    const reference = {
      edges: [0, 2, 4],
      distribution: { counts: [1, 1], underflow: 0, overflow: 0, missing: 0, n: 2, mean: 0, m2: 0, min: 0, max: 0 },
    };
    const profile = {
      schema: 'edgewright.profile/1',
      rows: 2,
      features: { 'a.mean': reference, 'b.mean': reference },
      outputs: { anomaly: reference },
    };
    const pipeline = createPipeline({ ...one, tags: tags(missing) }, { 'profile.json': profile });
    const { summaries } = drive(pipeline, [reading(1, { a: 1, b: 1 }), reading(2, { b: 1 })]);
    expect(summaries).toMatchObject([
      {
        predictions: 2,
        abstained: 0,
        features: { 'a.mean': { n: 1, missing: 1, mean: 1 }, 'b.mean': { n: 2, missing: 0 } },
      },
    ]);
  },
);

describe('is refused', () => {
  const refusal = (manifest: object) => {
    try {
      load(manifest);
    } catch (error) {
      if (error instanceof EdgewrightError) return error;
      throw error;
    }
    throw new Error('was not refused');
  };

  it.each<[what: string, manifest: object, path: string, words: string]>([
    ['a fill that is no number', { tags: tags({ fill: 'x' }) }, 'tags.a.missing.fill', 'must be a number'],
    [
      'a fill that is no category',
      { tags: { ...tags(undefined), a: { unit: '1', values: { on: 1 }, missing: { fill: 'off' } } } },
      'tags.a.missing.fill',
      'must be one of values: on',
    ],
    [
      'a fill of a feature whose tag may not be missing',
      {
        window: { count: 1 },
        input: { tensor: 'x', statistics: [{ tags: ['a', 'b'], features: [{ feature: 'mean', fill: 1 }] }] },
        tags: tags('nan'),
      },
      'input.statistics.0.features.0.fill',
      'b.mean: has a fill, and b may not be missing',
    ],
    ['another word', { tags: tags('zero') }, 'tags.a.missing', ''],
  ])('%s', (_, manifest, path, words) => {
    const error = refusal(manifest);
    expect(error).toMatchObject({ code: 'pipeline.manifest-invalid', path });
    expect(error.message).toContain(words);
  });
});

it('the digest of the features is another with another substitute, and as before without one', () => {
  const digest = (missing: unknown) => vectorizerOf(load({ ...one, tags: tags(missing) })).digest;
  expect(new Set([digest(undefined), digest('nan'), digest({ fill: 1 }), digest({ fill: 2 })]).size).toBe(4);
  expect(digest(undefined)).toBe('94202597efcdd5cc1ca0f30d8a769e81365439a42e1ed15c3ecc11a166d90c11');
});

it('an explanation hides the other sensors beside a missing one', () => {
  const reference = {
    edges: [0, 2, 4],
    distribution: { counts: [0, 2], underflow: 0, overflow: 0, missing: 0, n: 2, mean: 3, m2: 0, min: 3, max: 3 },
  };
  const profile = {
    schema: 'edgewright.profile/1',
    rows: 2,
    features: { 'a.mean': reference, 'b.mean': reference },
    outputs: { anomaly: reference },
  };
  const manifest = { ...one, tags: tags('nan'), explanation: { method: 'occlusion' } };
  const pipeline = createPipeline(manifest, { 'profile.json': profile });
  drive(pipeline, [reading(0, { b: 1 })]);
  const questions = pipeline.explain('x', 7, 1e6).flatMap((effect) => (effect.kind === 'infer' ? [effect] : []));
  expect(questions.map(({ vector }) => [...vector])).toEqual([
    [NAN, 1],
    [3, 1],
    [NAN, 3],
    [3, 3],
  ]);
  const answers = questions.flatMap(({ ticket }) => [...pipeline.complete(ticket, score, 0, 1e6)]);
  expect(answers).toMatchObject([{ kind: 'explanation', request: 7, explanation: { explained: { value: 0 } } }]);
});

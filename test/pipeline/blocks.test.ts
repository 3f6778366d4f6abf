import { describe, expect, it } from 'vitest';
import { type Reading, type SampleBlock, sampleTime } from '../../src/common/core/index.ts';
import { type Effect, Pipeline, pipelineSchema, readModel } from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, scoreManifest } from '../support/bundle.ts';

const RATE = 1000;
/** Windows of 0.1 s over samples at 1 kHz, the speed measured by another sensor. */
const MANIFEST = {
  tags: { vibration: { unit: 'g', period: '1ms' }, speed: { unit: 'rpm' } },
  window: { length: '100ms' },
  maxMissing: 0.1,
  input: {
    tensor: 'x',
    statistics: [
      { tags: ['vibration'], features: ['mean', 'max'] },
      { tags: ['speed'], features: ['mean'] },
    ],
  },
};

function createPipeline(config: object = {}): Pipeline {
  const bundle = memoryBundle({ 'manifest.json': scoreManifest(MANIFEST), 'model.onnx': new Uint8Array([1]) });
  return new Pipeline({
    name: 'p',
    config: pipelineSchema.parse({ source: 's', model: 'm', ...config }),
    assets: {},
    model: readModel(bundle),
  });
}

const value = (i: number) => Math.sin(i / 7);

function blockOf(first: number, length: number, speed: number, at: (i: number) => number = value): Reading {
  const samples = { vibration: Float64Array.from({ length }, (_, i) => at(first + i)) };
  const block: SampleBlock = { origin: 0, first, rate: RATE, length, samples };
  return { asset: 'x', t: sampleTime(block, length - 1), values: { speed }, block };
}

/** The same, one reading a sample. */
const singles = ({ asset, t, values, block }: Reading): Reading[] =>
  Array.from(block?.samples['vibration'] ?? [], (vibration, i) => ({
    asset,
    t: block ? sampleTime(block, i) : t,
    values: { vibration, ...values },
  }));

const vectors = (pipeline: Pipeline, readings: readonly Reading[]) => {
  const of = (effects: readonly Effect[]) =>
    effects.flatMap((effect) => (effect.kind === 'infer' ? [[...effect.vector]] : []));
  return [...readings.flatMap((reading) => of(pipeline.push(reading, reading.t))), ...of(pipeline.flush(1e6))];
};

describe('blocks of samples', () => {
  it.each([1, 7, 64, 100, 1000])('of %d give the windows that their samples give one by one', (length) => {
    const blocks = Array.from({ length: Math.floor(1000 / length) }, (_, k) => blockOf(k * length, length, 1500 + k));
    const whole = createPipeline();
    const apart = createPipeline();
    const expected = vectors(apart, blocks.flatMap(singles));
    expect(vectors(whole, blocks)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
    expect(whole.counts).toEqual(apart.counts);
  });

  it('that close several windows close them all, each with the number of the block', () => {
    const pipeline = createPipeline();
    pipeline.push(blockOf(0, 50, 1500), 0, 1);
    const effects = pipeline.push(blockOf(50, 400, 1500), 0, 2);
    expect(effects.filter(({ kind }) => kind === 'infer')).toHaveLength(4);
    expect(pipeline.counts.windows).toBe(4);
  });

  it('have bad samples where they are NaN: few are left out, many make the window bad', () => {
    const one = vectors(createPipeline(), [blockOf(0, 201, 1500, (i) => (i === 50 ? Number.NaN : 2))]);
    expect(one[0]).toEqual([2, 2, 1500]);
    const pipeline = createPipeline();
    const effects = pipeline.push(
      blockOf(0, 201, 1500, (i) => (i < 50 ? Number.NaN : 2)),
      0,
    );
    expect(effects.filter(({ kind }) => kind === 'infer')).toHaveLength(1);
    expect(effects.flatMap((effect) => (effect.kind === 'record' ? [effect.record] : []))).toMatchObject([
      { decision: 'abstain', quality: { code: 'BadSensorFailure', reasons: ['vibration: BadSensorFailure x50'] } },
    ]);
  });

  it('are held against a gate by their last sample and what stands beside it', () => {
    for (const [when, expected] of [
      ['tags.speed > 100', 300],
      ['tags.speed > 2000', 0],
      [`tags.vibration == ${value(299)}`, 300],
    ] as const) {
      const pipeline = createPipeline({ when });
      pipeline.push(blockOf(0, 300, 1500), 0);
      expect(pipeline.counts).toMatchObject({ readings: expected, gated: expected === 0 ? 1 : 0 });
    }
  });

  it('count the tags that the model does not have, and are unbound without any', () => {
    const pipeline = createPipeline();
    const block: SampleBlock = { origin: 0, first: 0, rate: 10, length: 2, samples: { noise: Float64Array.of(1, 2) } };
    pipeline.push({ asset: 'x', t: 100, values: {}, block }, 0);
    expect(pipeline.counts).toMatchObject({ unbound: 1, readings: 0 });
    expect([...pipeline.counts.ignoredTags]).toEqual([['noise', 1]]);
  });
});

import { expect, it } from 'vitest';
import { type Effect, Pipeline, pipelineSchema, readModel } from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, scoreManifest } from '../support/bundle.ts';

const MANIFEST = {
  tags: { load: { unit: 'A' }, program: { unit: '1' } },
  window: { count: 2, every: 2 },
  input: {
    tensor: 'x',
    statistics: [{ tags: ['load'], features: ['mean', { feature: 'lag', samples: 1, as: 'before' }] }],
    scaling: {
      modes: [
        { name: 'roughing', when: 'tags.program == 1', offset: [10, 10], scale: [5, 5] },
        { name: 'finishing', when: 'tags.program == 2', offset: [2, 2], scale: [1, 1] },
      ],
    },
  },
};

function createPipeline(manifest: object = MANIFEST): Pipeline {
  const bundle = memoryBundle({ 'manifest.json': scoreManifest({ ...manifest }), 'model.onnx': new Uint8Array([1]) });
  const config = pipelineSchema.parse({ source: 's', model: 'm' });
  return new Pipeline({ name: 'p', config, assets: {}, model: readModel(bundle) });
}

/** What two readings of a machine in one program give. */
function windowOf(pipeline: Pipeline, t: number, program: number | null): readonly Effect[] {
  pipeline.push({ asset: 'x', t, values: { load: 12, program } }, t);
  return [...pipeline.push({ asset: 'x', t: t + 1, values: { load: 14, program } }, t + 1)];
}

const vectorOf = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'infer' ? [...effect.vector] : []));

it('a model sees its features by the scale of the mode that the machine is in', () => {
  const pipeline = createPipeline();
  expect(vectorOf(windowOf(pipeline, 0, 1))).toEqual([0.6, 0.4]);
  expect(vectorOf(windowOf(pipeline, 10, 2))).toEqual([11, 10]);
});

it('in a mode that it was not trained for it abstains, and says which modes it knows', () => {
  const effects = windowOf(createPipeline(), 0, 3);
  expect(effects).toMatchObject([
    {
      kind: 'record',
      record: {
        decision: 'abstain',
        quality: { code: 'BadDataLost', reasons: ['no operating mode holds (roughing, finishing)'] },
      },
    },
  ]);
});

it('a feature that the samples cannot carry is named in the reason', () => {
  const statistics = [
    { tags: ['load', 'program'], features: ['mean', { feature: 'lag', samples: 5, as: 'long_ago' }] },
  ];
  const [effect] = windowOf(createPipeline({ ...MANIFEST, input: { tensor: 'x', statistics } }), 0, 1);
  expect(effect).toMatchObject({ record: { quality: { reasons: ['features: load.long_ago not finite'] } } });
});

it('a number that float32 does not reach is no input of a model', () => {
  const pipeline = createPipeline({
    ...MANIFEST,
    input: { tensor: 'x', statistics: [{ tags: ['load'], features: ['mean'] }] },
  });
  pipeline.push({ asset: 'x', t: 0, values: { load: 1e39, program: 1 } }, 0);
  const [effect] = pipeline.push({ asset: 'x', t: 1, values: { load: 1e39, program: 1 } }, 1);
  expect(effect).toMatchObject({ record: { decision: 'abstain' } });
});

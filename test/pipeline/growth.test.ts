import { expect, it } from 'vitest';
import type { Reading } from '../../src/common/core/index.ts';
import { createGate } from '../../src/scoring/pipeline/asset/gate.ts';
import { type AssetSnapshot, Pipeline, pipelineSchema, readModel } from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, STATISTICS, scoreManifest } from '../support/bundle.ts';

function createPipeline(when = 'tags.b > 0.5 && (!has(tags.mode) || tags.mode != "off")'): Pipeline {
  return new Pipeline({
    name: 'p',
    config: pipelineSchema.parse({ source: 's', model: 'm', when }),
    assets: {},
    model: readModel(
      memoryBundle({ 'manifest.json': scoreManifest({ input: STATISTICS }), 'model.onnx': new Uint8Array([1]) }),
    ),
  });
}

const reading = (t: number, values: Reading['values']): Reading => ({ asset: 'x', t, values });

function snapshotOf(pipeline: Pipeline): AssetSnapshot {
  const [snapshot] = pipeline.holdings(0);
  if (!snapshot) throw new TypeError('the pipeline has no asset');
  return snapshot;
}

it('a gated pipeline keeps the tags that its gate names, and no other, also of an earlier snapshot', () => {
  const pipeline = createPipeline();
  pipeline.push(reading(0, { a: 1, b: 1 }), 0);
  const before = snapshotOf(pipeline).body.byteLength;
  for (let i = 0; i < 5_000; i += 1) pipeline.push(reading(1, { [`tag-${i}`]: i }), 1);
  expect(snapshotOf(pipeline).body.byteLength).toBe(before);
  pipeline.push(reading(2, { mode: 'off' }), 2);
  expect(pipeline.counts.gated).toBe(1);
});

it('a gate goes on with what it knew before a restart, but for tags that it does not name', () => {
  const pipeline = createPipeline();
  pipeline.push(reading(0, { a: 1, b: 1 }), 0);
  const next = createPipeline();
  next.restore('x', snapshotOf(pipeline).body, 0);
  next.push(reading(1, { a: 1 }), 1);
  expect(next.counts).toMatchObject({ gated: 0, readings: 1 });
  const gate = createGate('tags.b > 0.5');
  expect(gate?.latestOf({ b: 1, 'tag-1': 2, 'tag-2': 3 })).toEqual({ b: 1 });
});

it('a gate knows nothing of a text beyond its bound, and keeps none', () => {
  const pipeline = createPipeline('tags.mode != "off"');
  pipeline.push(reading(0, { a: 1, mode: 'on' }), 0);
  const before = snapshotOf(pipeline).body.byteLength;
  pipeline.push(reading(1, { a: 1, mode: 'x'.repeat(100_000) }), 1);
  expect(pipeline.counts).toMatchObject({ readings: 1, gated: 1 });
  expect(snapshotOf(pipeline).body.byteLength).toBeLessThan(before + 100);
});

it('names of unknown tags are counted by their begin, and no more than a bounded number of them', () => {
  const pipeline = createPipeline('true');
  for (let i = 0; i < 200; i += 1) pipeline.push(reading(i, { a: 1, [`${'n'.repeat(80)}-${i}`]: 1, [`t${i}`]: 1 }), i);
  const names = [...pipeline.counts.ignoredTags.keys()];
  expect(names).toHaveLength(64);
  expect(pipeline.counts.ignoredTags.get(`${'n'.repeat(64)}...`)).toBe(200);
  expect(Math.max(...names.map((name) => name.length))).toBe(67);
});

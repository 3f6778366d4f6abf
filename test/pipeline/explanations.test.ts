import { describe, expect, it } from 'vitest';
import type { AlarmRecord, OutputBatch } from '../../src/common/core/index.ts';
import { type Effect, Pipeline, pipelineSchema, readModel } from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, scoreManifest } from '../support/bundle.ts';

const TAGS = ['a', 'b', 'c'];
/** Two alike, one apart: the median of each is what the profile says. */
const MEDIANS = { 'a.mean': 1, 'b.mean': 2, 'c.mean': 0, sum: 3 };

/** What the model of these tests says: an interaction of a and b, and c on its own. */
const answer = ([a = 0, b = 0, c = 0]: ArrayLike<number> & Iterable<number>) => a * b + 10 * c;

function profile(): object {
  const distribution = { counts: [4], underflow: 0, overflow: 0, missing: 0, n: 4, mean: 0, m2: 16, min: 0, max: 1 };
  const reference = { edges: [0, 1], distribution };
  const features = Object.entries(MEDIANS).map(([name, median]) => [name, { ...reference, median }]);
  return {
    schema: 'edgewright.profile/1',
    rows: 4,
    features: Object.fromEntries(features),
    outputs: { anomaly: reference },
  };
}

function createPipeline(explanation: object, alarms: object = { hot: {} }, rest: object = {}): Pipeline {
  const manifest = scoreManifest({
    tags: Object.fromEntries(TAGS.map((tag) => [tag, { unit: '1' }])),
    window: { count: 1 },
    input: {
      tensor: 'x',
      statistics: [{ tags: TAGS, features: ['mean'] }],
      derived: { sum: { formula: 'a.mean + b.mean' } },
    },
    outputs: { anomaly: { kind: 'score', tensor: 'score', threshold: 20 } },
    explanation,
    ...rest,
  });
  const model = readModel(
    memoryBundle({ 'manifest.json': manifest, 'model.onnx': new Uint8Array([1]), 'profile.json': profile() }),
  );
  return new Pipeline({
    name: 'p',
    config: pipelineSchema.parse({ source: 's', model: 'm', alarms }),
    assets: {},
    model,
  });
}

/** A pipeline and a model that answers when it is told to. */
class Plant {
  readonly pipeline: Pipeline;
  /** What was given out, in order. */
  readonly out: Exclude<Effect, { kind: 'infer' }>[] = [];
  /** What the model was asked, oldest first. */
  readonly asked: { readonly ticket: number; readonly model: string; readonly vector: Float64Array }[] = [];

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline;
  }

  push(asset: string, t: number, values: readonly number[]): this {
    const named = Object.fromEntries(TAGS.map((tag, index) => [tag, values[index] ?? 0]));
    return this.take(this.pipeline.push({ asset, t, values: named }, t));
  }

  take(effects: readonly Effect[]): this {
    for (const effect of effects) {
      if (effect.kind === 'infer') this.asked.push({ ...effect, vector: effect.vector.slice() });
      else this.out.push(effect);
    }
    return this;
  }

  /** Answers so many questions, all of them by default; explanations ask more of them meanwhile. */
  answer(count = Number.POSITIVE_INFINITY): this {
    for (let left = count; left > 0 && this.asked.length > 0; left -= 1) {
      const { ticket, vector } = this.asked.shift() as (typeof this.asked)[number];
      const batch: OutputBatch = { names: ['score'], data: [Float64Array.of(answer(vector))], widths: [1] };
      this.take(this.pipeline.complete(ticket, batch, 0, 0));
    }
    return this;
  }

  /** Type, asset and state of what was given out. */
  get story(): string[] {
    return this.out.map((effect) => {
      if (effect.kind !== 'record') return effect.kind;
      const { record } = effect;
      return record.type === 'alarm'
        ? `${record.state} ${record.asset}`
        : `${record.type} ${'asset' in record ? record.asset : ''}`;
    });
  }

  get alarms(): AlarmRecord[] {
    return this.out.flatMap((effect) =>
      effect.kind === 'record' && effect.record.type === 'alarm' ? [effect.record] : [],
    );
  }
}

const HIGH = [7, 8, 4] as const;
const LOW = [1, 2, 0] as const;

describe('an alarm', () => {
  it('says by Shapley’s values what each sensor adds, and they add up', () => {
    const [alarm] = new Plant(createPipeline({ method: 'shapley' })).push('x', 1, HIGH).answer().alarms;
    // a b - 2 = 54 shared by halves of the ways in which a and b can come in, and c alone.
    expect(alarm?.contributions).toEqual([
      { sensor: 'c', contribution: 40 },
      { sensor: 'a', contribution: (6 * 2 + 6 * 8) / 2 },
      { sensor: 'b', contribution: (6 * 1 + 6 * 7) / 2 },
    ]);
    const { value = 0, reference = 0, ...rest } = alarm?.explained ?? {};
    expect(rest).toEqual({ method: 'shapley', of: 'anomaly' });
    expect([value, reference]).toEqual([answer(HIGH), answer([1, 2, 0])]);
    const sum = alarm?.contributions?.reduce((total, { contribution }) => total + contribution, 0);
    expect(sum).toBeCloseTo(value - reference, 10);
  });

  it('says by occlusion what the answer loses without each group', () => {
    const explanation = { method: 'occlusion', groups: { shaft: ['a', 'b'] } };
    const plant = new Plant(createPipeline(explanation)).push('x', 1, HIGH).answer(1);
    expect(new Set(plant.asked.map(({ model }) => model))).toEqual(new Set([plant.pipeline.identity.digest]));
    expect(plant.asked.map(({ vector }) => [...vector])).toEqual([
      [7, 8, 4, 15],
      [1, 2, 4, 3],
      [7, 8, 0, 15],
      [1, 2, 0, 3],
    ]);
    expect(plant.answer().alarms[0]?.contributions).toEqual([
      { sensor: 'shaft', contribution: 54 },
      { sensor: 'c', contribution: 40 },
    ]);
  });

  it('follows its prediction, which waits for nothing, and overtakes no other', () => {
    const plant = new Plant(createPipeline({ method: 'shapley' })).push('x', 1, HIGH).push('y', 1, HIGH);
    plant.answer(2);
    expect(plant.story).toEqual(['prediction x', 'prediction y']);
    // One explanation at a time: the second asks when the first is done.
    expect(plant.asked).toHaveLength(8);
    plant.push('x', 2, LOW);
    // Behind the questions of the explanation.
    plant.answer(9);
    expect(plant.story).toEqual(['prediction x', 'prediction y', 'raised x', 'prediction x']);
    plant.answer();
    expect(plant.story.slice(4)).toEqual(['raised y', 'cleared x']);
    expect(plant.pipeline.waiting).toBe(0);
  });

  it('comes without an explanation where the model gives none', () => {
    const plant = new Plant(createPipeline({ method: 'shapley' })).push('x', 1, HIGH).answer(1);
    const failing = plant.asked.splice(0);
    for (const { ticket } of failing) plant.take(plant.pipeline.fail(ticket, 'inference.deadline', 2));
    expect(plant.story).toEqual(['prediction x', 'raised x']);
    expect(plant.alarms[0]).not.toHaveProperty('contributions');
    expect(plant.pipeline.counts.failed).toBe(0);
  });

  it('comes without one after a second; what is answered later belongs to no other', () => {
    const plant = new Plant(createPipeline({ method: 'shapley' })).push('x', 1, HIGH).answer(1);
    const late = plant.asked.splice(0);
    plant.take(plant.pipeline.tick(900));
    expect(plant.alarms).toEqual([]);
    plant.take(plant.pipeline.tick(1_001));
    expect(plant.alarms.map(({ asset, contributions }) => [asset, contributions])).toEqual([['x', undefined]]);
    plant.push('y', 1_002, HIGH).answer(1);
    const inTime = plant.asked.splice(0);
    plant.asked.push(...late, ...inTime);
    plant.answer();
    expect(plant.alarms[1]?.contributions?.[0]).toEqual({ sensor: 'c', contribution: 40 });
  });

  it('is let go at the end', () => {
    const plant = new Plant(createPipeline({ method: 'shapley' })).push('x', 1, HIGH).answer(1);
    plant.take(plant.pipeline.closeSummaries());
    expect(plant.story.slice(0, 2)).toEqual(['prediction x', 'raised x']);
    expect(plant.pipeline.waiting).toBe(0);
  });

  it('is in front of the snapshot that knows of it', () => {
    const plant = new Plant(createPipeline({ method: 'shapley' })).push('x', 1, HIGH).answer(1);
    plant.take(plant.pipeline.snapshot(2));
    expect(plant.story).toEqual(['prediction x']);
    plant.answer();
    expect(plant.story).toEqual(['prediction x', 'raised x', 'snapshot']);
  });

  it('of a model that remembers is about its window: what was remembered before it stays as it was', () => {
    const state = { tensors: { past: { output: 'next', shape: [-1, 1], initial: 1 } }, maxGap: '5ms' };
    const plant = new Plant(createPipeline({ method: 'shapley' }, { hot: {} }, { state }));
    // It says its memory times the answer, and remembers a.
    const say = ({ ticket, vector }: (typeof plant.asked)[number]) => {
      const [score, next] = [(vector[4] ?? 0) * answer(vector), vector[0] ?? 0].map((value) => Float64Array.of(value));
      const batch = { names: ['score', 'next'], data: [score, next] as Float64Array[], widths: [1, 1] };
      plant.take(plant.pipeline.complete(ticket, batch, 0, 0));
    };
    const sayAll = () => {
      for (let next = plant.asked.shift(); next; next = plant.asked.shift()) say(next);
    };
    plant.push('x', 1, [3, 0, 0]);
    sayAll();
    plant.push('x', 2, HIGH).push('x', 3, LOW);
    sayAll();
    const [alarm] = plant.alarms;
    expect(alarm).toMatchObject({
      state: 'raised',
      explained: { value: 3 * answer(HIGH), reference: 3 * answer(LOW) },
    });
    expect(alarm?.contributions?.[0]).toEqual({ sensor: 'c', contribution: 3 * 40 });
    const scores = plant.out.flatMap((effect) =>
      effect.kind === 'record' && effect.record.type === 'prediction' ? [effect.record.output] : [],
    );
    expect(scores).toEqual([answer([3, 0, 0]), 3 * answer(HIGH), 7 * answer(LOW)].map((score) => ({ score })));
  });

  it('is told by the squared errors of an autoencoder at once, in units of their variance', () => {
    const statistics = [{ tags: TAGS, features: ['mean'] }];
    const explanation = {
      method: 'squared_error',
      tensor: 'residual',
      variance: [1, 4, 1],
      groups: { rest: ['b', 'c'] },
    };
    const model = readModel(
      memoryBundle({
        'manifest.json': scoreManifest({
          tags: Object.fromEntries(TAGS.map((tag) => [tag, { unit: '1' }])),
          window: { count: 1 },
          input: { tensor: 'x', statistics },
          explanation,
        }),
        'model.onnx': new Uint8Array([1]),
      }),
    );
    const config = pipelineSchema.parse({ source: 's', model: 'm', alarms: { hot: {} } });
    const pipeline = new Pipeline({ name: 'p', config, assets: {}, model });
    const plant = new Plant(pipeline).push('x', 1, HIGH);
    const batch = {
      names: ['score', 'residual'],
      data: [Float64Array.of(5), Float64Array.of(-3, 4, 2)],
      widths: [1, 3],
    };
    plant.take(pipeline.complete(plant.asked[0]?.ticket ?? -1, batch, 0, 2));
    expect(plant.alarms[0]).toMatchObject({
      contributions: [
        { sensor: 'a', contribution: 9 / 17 },
        { sensor: 'rest', contribution: 8 / 17 },
      ],
      explained: { method: 'squared_error', of: 'anomaly', value: 5 },
    });
  });
});

describe('on command', () => {
  it('the last answer about an asset is explained, behind the alarms', () => {
    const plant = new Plant(createPipeline({ method: 'occlusion' })).push('x', 1, HIGH).answer(1);
    plant.push('y', 5, [2, 2, 1]).take(plant.pipeline.explain('y', 9, 6));
    plant
      .take(plant.pipeline.explain('nobody', 10, 6))
      .answer()
      .take(plant.pipeline.explain('y', 11, 7))
      .answer();
    const explained = plant.out.flatMap((effect) => (effect.kind === 'explanation' ? [effect] : []));
    expect(explained.map(({ request, window }) => [request, window])).toEqual([
      [9, undefined],
      [10, undefined],
      [11, { from: 5, to: 5 }],
    ]);
    expect(explained[2]?.explanation?.contributions).toEqual([
      { sensor: 'c', contribution: 10 },
      { sensor: 'a', contribution: 2 },
      { sensor: 'b', contribution: 0 },
    ]);
  });
});

describe('a manifest', () => {
  it.each([
    ['a target that there is not', { method: 'occlusion', target: 'nope' }, 'no target nope'],
    ['a tag that there is not', { method: 'occlusion', groups: { g: ['z'] } }, 'no tag z'],
    ['errors of what is made of several tags', { method: 'squared_error', tensor: 'r' }, 'made of several tags'],
  ])('is refused that explains %s', (_, explanation, reason) => {
    expect(() => createPipeline(explanation)).toThrow(reason);
  });
});

import { describe, expect, it } from 'vitest';
import { type Effect, Pipeline, pipelineSchema, readModel } from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, scoreManifest } from '../support/bundle.ts';

const STATE = { tensors: { sum: { output: 'next', shape: [1, -1, 1], initial: 10 } }, maxGap: '5ms' };

function createPipeline(state: object = STATE, digest = 'd'.repeat(64), rest: object = {}): Pipeline {
  const manifest = scoreManifest({
    window: { count: 1, every: 1 },
    input: { tensor: 'x', statistics: [{ tags: ['a'], features: ['mean'] }] },
    state,
    ...rest,
  });
  const bundle = memoryBundle({ 'manifest.json': manifest, 'model.onnx': new Uint8Array([1]) });
  const config = pipelineSchema.parse({ source: 's', model: 'm', when: 'tags.gate > 0' });
  return new Pipeline({ name: 'p', config, assets: {}, model: readModel({ ...bundle, digest }) });
}

/** A model that adds each input to what it carries, and gives the sum; it answers when it is told to. */
class Adder {
  readonly scores: (number | undefined)[] = [];
  readonly asked: { readonly ticket: number; readonly row: readonly number[] }[] = [];
  body: Uint8Array | undefined;
  readonly #pipeline: Pipeline;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  push(a: number | null, t: number, { asset = 'x', gate = 1 } = {}): void {
    this.#take(this.#pipeline.push({ asset, t, values: { a, gate } }, t));
  }

  snapshot(now: number): void {
    this.#take(this.#pipeline.snapshot(now));
  }

  answer(): void {
    const { ticket, row: [x = 0, sum = 0] = [] } = this.asked.shift() ?? { ticket: -1 };
    const batch = {
      names: ['score', 'next'],
      data: [Float64Array.of(x + sum), Float64Array.of(x + sum)],
      widths: [1, 1],
    };
    this.#take(this.#pipeline.complete(ticket, batch, 0, 0));
  }

  fail(): void {
    this.#take(this.#pipeline.fail(this.asked.shift()?.ticket ?? -1, 'inference.run-deadline', 0));
  }

  answerAll(): void {
    while (this.asked.length > 0) this.answer();
  }

  #take(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'infer') this.asked.push({ ticket: effect.ticket, row: [...effect.vector] });
      else if (effect.kind === 'snapshot') this.body = effect.assets[0]?.body ?? this.body;
      else if (effect.kind === 'record' && effect.record.type === 'prediction') {
        const { output } = effect.record;
        this.scores.push(output && 'score' in output ? output.score : undefined);
      }
    }
  }
}

describe('a recurrent model', () => {
  it('is given what it gave for the window before, one window of an asset after the other', () => {
    const model = new Adder(createPipeline());
    for (const [index, a] of [1, 2, 3].entries()) model.push(a, index);
    model.push(5, 2, { asset: 'y' });
    expect(model.asked.map(({ row }) => row)).toEqual([
      [1, 10],
      [5, 10],
    ]);
    model.answerAll();
    expect(model.scores).toEqual([11, 13, 16, 15]);
  });

  it.each([
    ['a gap', (model: Adder) => model.push(1, 20)],
    [
      'a window that cannot be scored',
      (model: Adder) => {
        model.push(null, 2);
        model.push(1, 3);
      },
    ],
    [
      'a closed gate',
      (model: Adder) => {
        model.push(1, 2, { gate: 0 });
        model.push(1, 3);
      },
    ],
    [
      'a window without an answer',
      (model: Adder) => {
        model.push(9, 2);
        model.fail();
        model.push(1, 3);
      },
    ],
  ])('begins anew behind %s', (_what, go) => {
    const model = new Adder(createPipeline());
    for (const t of [0, 1]) model.push(1, t);
    model.answerAll();
    go(model);
    model.answerAll();
    expect([model.scores[0], model.scores[1], model.scores.at(-1)]).toEqual([11, 12, 11]);
  });

  it('goes on from a snapshot as it would have without one, whatever was on its way', () => {
    const model = new Adder(createPipeline());
    for (const t of [0, 1]) model.push(1, t);
    model.answerAll();
    model.snapshot(1);
    for (const t of [2, 3]) model.push(1, t);
    model.answerAll();
    const restored = createPipeline();
    expect(restored.restore('x', model.body ?? new Uint8Array(), 0)).toEqual([]);
    const again = new Adder(restored);
    for (const t of [2, 3]) again.push(1, t);
    again.answerAll();
    expect(again.scores).toEqual(model.scores.slice(2));
  });

  it('begins anew where readings may be missing, or the model is another', () => {
    const model = new Adder(createPipeline());
    model.push(1, 0);
    model.answerAll();
    model.snapshot(0);
    const missing = createPipeline();
    missing.restore('x', model.body ?? new Uint8Array(), 0);
    missing.interrupted('restart');
    const after = new Adder(missing);
    after.push(1, 1);
    expect(after.asked.map(({ row }) => row)).toEqual([[1, 10]]);
    const other = createPipeline(STATE, 'e'.repeat(64));
    expect(other.restore('x', model.body ?? new Uint8Array(), 0)).toContain('memory');
  });

  it('has windows abstain beyond a number that wait for the one before them, and goes on when there is room', () => {
    const pipeline = createPipeline();
    const model = new Adder(pipeline);
    for (let i = 0; i < 4_100; i += 1) model.push(1, i);
    expect(pipeline.behind).toBe(4_096);
    model.answerAll();
    expect(pipeline.behind).toBe(0);
    expect(pipeline.waiting).toBe(0);
    expect(model.scores).toHaveLength(4_100);
    expect(model.scores.filter((score) => score === undefined)).toHaveLength(3);
    model.push(1, 4_101);
    model.answerAll();
    expect(model.scores.at(-1)).toBe(11);
  });

  it('is refused with a shape that has no batch', () => {
    const state = { tensors: { sum: { output: 'next', shape: [1, 1] } } };
    expect(() => createPipeline(state)).toThrow(expect.objectContaining({ code: 'pipeline.manifest-invalid' }));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GOOD, type OutputBatch, type Reading, StatusCode } from '../../src/common/core/index.ts';
import { assetSchema, Pipeline, pipelineSchema, readModel } from '../../src/scoring/pipeline/index.ts';
import { createCounts } from '../../src/scoring/pipeline/outcome/counts.ts';
import { Scoring } from '../../src/scoring/pipeline/outcome/scoring.ts';
import { WindowQueue } from '../../src/scoring/pipeline/outcome/window-queue.ts';
import { memoryBundle, scoreManifest } from '../support/bundle.ts';

const answer: OutputBatch = { names: ['score'], data: [Float64Array.of(1)], widths: [1] };

function createPipeline(window: object): Pipeline {
  const bundle = memoryBundle({
    'manifest.json': scoreManifest({
      window,
      input: { tensor: 'x', statistics: [{ tags: ['a', 'b'], features: ['mean', 'rms'] }] },
    }),
    'model.onnx': new Uint8Array([1]),
  });
  const assets = { '*': assetSchema.parse({ tags: { a: { scale: 1e38, offset: -1e38, range: [-1e9, 1e9] } } }) };
  const when = 'tags.a > 1.0 || tags.b == 1.0 || attributes.line == "x"';
  return new Pipeline({
    name: 'p',
    config: pipelineSchema.parse({ source: 's', model: 'm', when, alarms: {}, summaries: { every: '1s' } }),
    assets,
    model: readModel(bundle),
  });
}

const times = fc.oneof(
  fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
  fc.integer({ min: 0, max: 20_000 }),
  fc.constantFrom(-8.64e15, 8.64e15, 0, 1.7e12),
);
const values = fc.dictionary(
  fc.constantFrom('a', 'b', '__proto__', 'constructor', 'x'),
  fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean(), fc.constant(null)),
  { noNullPrototype: false },
);
const readings = fc.array(
  fc.record({
    asset: fc.constantFrom('__proto__', 'constructor', 'pump'),
    t: times,
    values,
    attributes: fc.dictionary(fc.constantFrom('line', '__proto__'), fc.string()),
  }),
  { maxLength: 60 },
);

describe('a pipeline with a gate, scaling and windows', () => {
  it.each([
    ['count windows', { count: 2, every: 1 }],
    ['windows in time', { length: '1s', every: '500ms' }],
  ])('takes readings of any time, value and name without throwing, over %s', (_, window) => {
    fc.assert(
      fc.property(readings, (pushed) => {
        const pipeline = createPipeline(window);
        let now = 0;
        const settle = (effects: ReturnType<Pipeline['push']>) => {
          for (const { ticket } of effects.flatMap((effect) => (effect.kind === 'infer' ? [{ ...effect }] : [])))
            pipeline.complete(ticket, answer, 0, now);
        };
        for (const reading of pushed) settle([...pipeline.push(reading as Reading, ++now)]);
        settle([...pipeline.flush(++now)]);
        expect(pipeline.waiting).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a window whose features throw', () => {
  it('abstains with the reason, and holds up none behind it', () => {
    const effects: Parameters<Pipeline['push']>[] | unknown[] = [];
    const queue = new WindowQueue({ vector: 1, features: 1, outputs: 1, errors: 0 });
    const scoring = new Scoring({
      model: 'm',
      vectorizer: {
        length: 1,
        names: ['a'],
        write: () => {
          throw new RangeError('Invalid typed array length');
        },
      } as never,
      decider: {} as never,
      explainer: undefined,
      recurrence: undefined,
      queue,
      counts: createCounts(),
      effects: effects as never,
    });
    const window = { from: 0, to: 1, quality: GOOD, signal: () => ({}) };
    scoring.close({ memory: undefined } as never, window as never, 0, 1);
    const slot = queue.takeDecided();
    expect(slot?.quality).toEqual({
      code: StatusCode.BadDataLost,
      reasons: ['features: Invalid typed array length'],
    });
    expect(slot?.verdict).toBeDefined();
    expect(effects).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmRecord, OutboxRecord, PredictionRecord, Reading } from '../../src/common/core/index.ts';
import { Driver, type ModelPort, type Scored } from '../../src/device/runtime/driver.ts';
import { Pipeline, pipelineSchema, readModel } from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, scoreManifest } from '../support/bundle.ts';

interface Version {
  readonly digest: string;
  readonly window: object;
  readonly manifest?: object;
  readonly config?: object;
}

const distribution = { counts: [1], underflow: 0, overflow: 0, missing: 0, n: 1, mean: 0, m2: 0, min: 0, max: 0 };
const reference = { edges: [-9, 9], distribution };

/** A model whose answers are kept until the test lets them out; the answer is the mean of `a`. */
class HeldModel implements ModelPort {
  readonly batchable = true;
  readonly engine = 'held';
  readonly #asked: { vector: Float64Array; ticket: number }[] = [];
  readonly #driver: Driver;
  readonly #pipeline: Pipeline;

  constructor(driver: Driver, pipeline: Pipeline) {
    this.#driver = driver;
    this.#pipeline = pipeline;
  }

  submit(vector: Float64Array, ticket: number): void {
    this.#asked.push({ vector, ticket });
  }

  credit(): undefined {
    return undefined;
  }

  stats(): ReturnType<ModelPort['stats']> {
    throw new Error('nobody asks');
  }

  /** Answers what was asked: the newest `some` first, so that answers come out of order. */
  answer(some = Number.POSITIVE_INFINITY): void {
    while (this.#asked.length > 0 && some > 0) {
      some -= 1;
      const next = this.#asked.pop();
      if (!next) return;
      const batch = { names: ['score'], data: [Float64Array.of(next.vector[0] ?? 0)], widths: [1] };
      this.#driver.complete(this.#pipeline, [next.ticket], batch);
    }
  }
}

function scored(driver: Driver, { digest, window, manifest = {}, config = {} }: Version): Scored & { model: HeldModel } {
  const bundle = memoryBundle({
    'manifest.json': scoreManifest({
      ...{ tags: { a: { unit: 'mm/s' } }, window },
      input: { tensor: 'x', statistics: [{ tags: ['a'], features: ['mean'] }] },
      ...manifest,
    }),
    'model.onnx': new Uint8Array([1]),
    'profile.json': {
      schema: 'edgewright.profile/1',
      ...{ rows: 1, features: { 'a.mean': reference }, outputs: { anomaly: reference } },
    },
  });
  const settings = pipelineSchema.parse({ source: 's', model: 'm', summaries: { every: '20s' }, ...config });
  const model = readModel({ ...bundle, digest });
  const pipeline = new Pipeline({ name: 'p', config: settings, assets: {}, model });
  return { pipeline, sources: ['s'], model: new HeldModel(driver, pipeline) };
}

interface Run {
  readonly readings: readonly Reading[];
  readonly old: Version;
  readonly next?: Version;
  /** Number of readings before the change. */
  readonly at?: number;
  /** After how many readings so many answers come, of both models. */
  readonly pace?: readonly [every: number, answers: number];
}

/** What is told where the model is replaced, and whether the change came to its end by itself. */
async function told({ readings, old, next, at = 0, pace = [1, 99] }: Run) {
  const records: OutboxRecord[] = [];
  const driver = new Driver({ record: ({ record }) => records.push(record) }, () => 0);
  const before = scored(driver, old);
  driver.add(before);
  const models = [before.model];
  let ended = next === undefined;
  for (const [n, reading] of readings.entries()) {
    if (next && n === at) {
      const after = scored(driver, next);
      models.push(after.model);
      void driver.replace('p', after).then(() => {
        ended = true;
      });
    }
    driver.push('s', reading, 0);
    if (n % pace[0] === 0) for (const model of models.toReversed()) model.answer(pace[1]);
  }
  for (const model of models.toReversed()) model.answer();
  driver.closeSummaries();
  await new Promise(setImmediate);
  return { records, ended, driver };
}

const predictions = (records: readonly OutboxRecord[], asset: string) =>
  records.filter((record): record is PredictionRecord => record.type === 'prediction' && record.asset === asset);
const alarms = (records: readonly OutboxRecord[]) =>
  records.filter((record): record is AlarmRecord => record.type === 'alarm');

const OLD = 'a'.repeat(64);
const NEW = 'b'.repeat(64);
const T0 = Date.UTC(2026, 0, 1);

/** Readings of some assets, a second and a little apart. */
function series(assets: number, steps: number, value = (n: number) => n): Reading[] {
  return Array.from({ length: steps * assets }, (_, n) => ({
    asset: `m${n % assets}`,
    t: T0 + Math.floor(n / assets) * 1_000 + (n % assets),
    values: { a: value(Math.floor(n / assets)) },
  }));
}

const windows = fc.oneof(
  fc.record({ count: fc.integer({ min: 1, max: 12 }), every: fc.integer({ min: 1, max: 8 }) }),
  fc
    .record({ length: fc.integer({ min: 1, max: 30 }), hops: fc.integer({ min: 1, max: 5 }) })
    .map(({ length, hops }) => ({ length: `${length}s`, every: `${Math.max(1, Math.floor(length / hops))}s` })),
);

describe('a change of what acts', () => {
  it('has each window answered by one model: by the old one up to a time of the asset, by the next one behind it, whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          ...{ oldWindow: windows, newWindow: windows, assets: fc.integer({ min: 1, max: 3 }) },
          ...{ at: fc.integer({ min: 0, max: 90 }), lateness: fc.constantFrom('0s', '3s') },
          pace: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 9 })),
        }),
        async ({ oldWindow, newWindow, assets, at, lateness, pace }) => {
          const readings = series(assets, 160);
          const old = { digest: OLD, window: oldWindow, config: { lateness } };
          const next = { digest: NEW, window: newWindow, config: { lateness } };
          const changed = await told({ readings, old, next, at: at * assets, pace });
          const each = 'count' in newWindow ? { ...newWindow, every: 1 } : newWindow;
          const [byOld, byNew] = [
            await told({ readings, old }),
            await told({ readings, old: { ...next, window: each } }),
          ];
          expect(changed.ended).toBe(true);
          for (let asset = 0; asset < assets; asset += 1) {
            const name = `m${asset}`;
            const all = predictions(changed.records, name);
            const first = all.findIndex(({ model }) => model.digest === NEW);
            expect(first).toBeGreaterThanOrEqual(0);
            const change = all[first - 1]?.to ?? Number.NEGATIVE_INFINITY;
            expect(all.slice(0, first)).toEqual(predictions(byOld.records, name).filter(({ to }) => to <= change));
            const begun = all[first]?.from ?? Number.NaN;
            const whole = predictions(byNew.records, name).filter(({ to }) => to >= (all[first]?.to ?? 0));
            // Where a count begins is where it began to be counted.
            const step = 'count' in newWindow ? newWindow.every : 1;
            expect(all.slice(first)).toEqual(whole.filter((_, n) => n % step === 0));
            // What came in between and is in no window lies between two windows of the next one, as always.
            const left = readings.filter((one) => one.asset === name && one.t > change && one.t < begun);
            const between = 'count' in newWindow ? Math.max(0, newWindow.every - newWindow.count) : 0;
            if (first > 0) expect(left.length).toBeLessThanOrEqual(between);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

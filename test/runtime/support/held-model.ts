import type { Driver, ModelPort, Scored } from '../../../src/device/runtime/driver.ts';
import { Pipeline, pipelineSchema, readModel } from '../../../src/scoring/pipeline/index.ts';
import { memoryBundle, scoreManifest } from '../../support/bundle.ts';

/** A model of the tests, and the configuration of its pipeline. */
export interface Version {
  readonly digest: string;
  readonly window: object;
  readonly manifest?: object;
  readonly config?: object;
  readonly beside?: string;
}

const distribution = { counts: [1], underflow: 0, overflow: 0, missing: 0, n: 1, mean: 0, m2: 0, min: 0, max: 0 };
const reference = { edges: [-9, 9], distribution };

/** A model whose answers are kept until the test lets them out; the answer is the mean of `a`. */
export class HeldModel implements ModelPort {
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

  async close(): Promise<void> {}

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

/** A pipeline of the name `p` over the source `s`, with a model that waits to answer. */
export function scored(
  driver: Driver,
  { digest, window, manifest = {}, config = {}, beside }: Version,
): Scored & { model: HeldModel } {
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
  const pipeline = new Pipeline({ name: 'p', config: settings, assets: {}, model, ...(beside && { beside }) });
  return { pipeline, sources: ['s'], model: new HeldModel(driver, pipeline) };
}

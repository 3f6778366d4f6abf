import { type OutboxRecord, type Reading, type SampleBlock, sampleTime } from '../../src/common/core/index.ts';
import { type AssetSnapshot, Pipeline, pipelineSchema, readModel } from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, scoreManifest } from './bundle.ts';

const distribution = { counts: [1], underflow: 0, overflow: 0, missing: 0, n: 1, mean: 0, m2: 0, min: 0, max: 0 };
const reference = { edges: [-9, 9], distribution };
const PROFILE = {
  schema: 'edgewright.profile/1',
  ...{ rows: 1, features: { 'a.mean': reference }, outputs: { anomaly: reference } },
};

export interface ScorePipelineOptions {
  readonly name?: string;
  readonly config?: object;
  /** Changes of the manifest; the bundle has no reference profile then. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly digest?: string;
}

/** A pipeline over windows of one reading with the tag `a`, whose model gives an anomaly score. */
export function scorePipeline({
  name = 'p',
  config = {},
  manifest,
  digest = 'd'.repeat(64),
}: ScorePipelineOptions = {}): Pipeline {
  const bundle = memoryBundle({
    'manifest.json': scoreManifest({
      tags: { a: { unit: 'mm/s' } },
      window: { count: 1, every: 1 },
      input: { tensor: 'x', statistics: [{ tags: ['a'], features: ['mean'] }] },
      ...manifest,
    }),
    'model.onnx': new Uint8Array([1]),
    ...(manifest === undefined ? { 'profile.json': PROFILE } : {}),
  });
  const settings = pipelineSchema.parse({ source: 's', model: 'm', ...config });
  return new Pipeline({ name, config: settings, assets: {}, model: readModel({ ...bundle, digest }) });
}

/** Drives a pipeline whose model answers at once with the mean of `a` as the score; keeps what comes out. */
export class ScoreRig {
  readonly pipeline: Pipeline;
  readonly records: OutboxRecord[] = [];
  /** What the model was asked. */
  readonly vectors: number[][] = [];
  #snapshots: readonly AssetSnapshot[] = [];

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline;
  }

  /** @param readingNumber of a source with positions; @param now processing time, ms */
  push(t: number, values: Reading['values'], asset = 'x', readingNumber = 0, now = t): void {
    this.#take(this.pipeline.push({ asset, t, values }, now, readingNumber));
  }

  /** A block of samples. */
  block(block: SampleBlock): void {
    const t = sampleTime(block, block.length - 1);
    this.#take(this.pipeline.push({ asset: 'x', t, values: {}, block }, t));
  }

  closeSummaries(): void {
    this.#take(this.pipeline.closeSummaries());
  }

  /** What changed since the last snapshot. */
  snapshot(): readonly AssetSnapshot[] {
    this.#take(this.pipeline.snapshot(0));
    return this.#snapshots;
  }

  #take(effects: ReturnType<Pipeline['push']>): void {
    for (const effect of [...effects]) {
      if (effect.kind === 'record') this.records.push(effect.record);
      if (effect.kind === 'snapshot') this.#snapshots = effect.assets;
      if (effect.kind !== 'infer') continue;
      this.vectors.push([...effect.vector]);
      const batch = { names: ['score'], data: [Float64Array.of(effect.vector[0] ?? 0)], widths: [1] };
      this.#take(this.pipeline.complete(effect.ticket, batch, 0, 0));
    }
  }
}

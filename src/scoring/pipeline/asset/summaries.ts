import type { ByteReader, ByteWriter, Distribution, ModelIdentity, SummaryRecord } from '../../../common/core/index.ts';
import { BinnedSummary, ExponentialHistogram, type Profile } from '../../../common/profile/index.ts';

/** What all summaries of a pipeline share. */
export interface SummarySpec {
  readonly pipeline: string;
  readonly model: ModelIdentity;
  readonly featureSpec: string;
  /** Event time of a period, ms. */
  readonly every: number;
  readonly features: readonly string[];
  readonly outputs: readonly string[];
  readonly profile: Profile;
}

/** What a prediction adds to its summary. */
export interface Summarised {
  /** End of its window, ms of event time. */
  readonly to: number;
  /** Values in the order of `SummarySpec.features`; NaN where there is none. */
  readonly features: Float64Array;
  readonly outputs: Float64Array;
  readonly abstained: boolean;
  /** Whether the input was good enough: a bad one must not look like drift. */
  readonly usable: boolean;
  readonly latencyMs: number;
}

/** Feature and output distributions of one asset over periods of event time; a closed period becomes a record. */
export class AssetSummary {
  readonly #spec: SummarySpec;
  readonly #asset: string;
  #period: number | undefined;
  #features: BinnedSummary[] = [];
  #outputs: BinnedSummary[] = [];
  #latency = new ExponentialHistogram();
  #predictions = 0;
  #abstained = 0;

  constructor(spec: SummarySpec, asset: string) {
    this.#spec = spec;
    this.#asset = asset;
  }

  /** Adds one prediction; returns the summary of the period that it ends, if it does. */
  add({ to, features, outputs, abstained, usable, latencyMs }: Summarised): SummaryRecord | undefined {
    const period = Math.floor((to - 1) / this.#spec.every);
    const closed = this.#period !== undefined && period > this.#period ? this.close() : undefined;
    if (this.#period === undefined) this.#start(period);
    this.#predictions += 1;
    this.#latency.add(latencyMs);
    if (abstained) this.#abstained += 1;
    if (!usable) return closed;
    for (let i = 0; i < this.#features.length; i += 1) this.#features[i]?.add(features[i] ?? Number.NaN);
    for (let i = 0; i < this.#outputs.length; i += 1) this.#outputs[i]?.add(outputs[i] ?? Number.NaN);
    return closed;
  }

  /** Ends the present period, if one has begun. */
  close(): SummaryRecord | undefined {
    if (this.#period === undefined) return undefined;
    const { pipeline, model, featureSpec, every } = this.#spec;
    const from = this.#period * every;
    this.#period = undefined;
    return {
      type: 'summary',
      t: from + every,
      pipeline,
      asset: this.#asset,
      from,
      to: from + every,
      model,
      featureSpec,
      predictions: this.#predictions,
      abstained: this.#abstained,
      features: named(this.#spec.features, this.#features),
      outputs: named(this.#spec.outputs, this.#outputs),
      latency: this.#latency.toRecord(),
    };
  }

  /** Writes the running period. */
  save(out: ByteWriter): void {
    out.f64(this.#period ?? Number.NaN);
    if (this.#period === undefined) return;
    out.u32(this.#predictions);
    out.u32(this.#abstained);
    this.#latency.save(out);
    for (const summary of [...this.#features, ...this.#outputs]) summary.save(out);
  }

  /** Resumes where one of the same spec was saved. Throws RangeError where the bytes are no such state. */
  restore(from: ByteReader): void {
    const period = from.f64();
    if (Number.isNaN(period)) return;
    this.#start(period);
    this.#predictions = from.u32();
    this.#abstained = from.u32();
    this.#latency.restore(from);
    for (const summary of [...this.#features, ...this.#outputs]) summary.restore(from);
  }

  #start(period: number): void {
    const { profile, features, outputs } = this.#spec;
    this.#period = period;
    this.#predictions = 0;
    this.#abstained = 0;
    this.#latency = new ExponentialHistogram();
    this.#features = features.map((name) => new BinnedSummary(profile.features[name]?.edges ?? []));
    this.#outputs = outputs.map((name) => new BinnedSummary(profile.outputs[name]?.edges ?? []));
  }
}

function named(names: readonly string[], summaries: readonly BinnedSummary[]): Record<string, Distribution> {
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const summary = summaries[index];
      return summary ? [[name, summary.toRecord()]] : [];
    }),
  );
}

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

/** Periods, counted from the epoch, that one summary is of because predictions of them were lost. */
interface LostPeriods {
  readonly first: number;
  readonly last: number;
  readonly reason: string;
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
  /** End of the newest window that was added. */
  #newest = Number.NEGATIVE_INFINITY;
  /** Windows up to here are in a summary that was told. */
  #told = Number.NEGATIVE_INFINITY;
  /** Whether those that end just there are in it too: nobody knows how many, and after a restart they come once more. */
  #toldTies = false;
  #ofEarlierVersion = false;
  /** Periods of which predictions were told that nobody can count any more, and why. */
  #lost: LostPeriods | undefined;

  constructor(spec: SummarySpec, asset: string) {
    this.#spec = spec;
    this.#asset = asset;
  }

  /**
   * Adds one prediction; returns the summary of the period that it ends, if it does. One that was told in a summary
   * already comes once more, and is not added.
   */
  add({ to, features, outputs, abstained, usable, latencyMs }: Summarised): SummaryRecord | undefined {
    const period = this.#periodOf(to);
    const last = this.#last;
    let closed: SummaryRecord | undefined;
    if (to < this.#newest) closed = this.#beginAgain();
    else if (last !== undefined && period > last) closed = this.#close(this.#end(last));
    this.#newest = to;
    if (to < this.#told || (to === this.#told && this.#toldTies)) return closed;
    if (this.#period === undefined) this.#start(period);
    this.#predictions += 1;
    this.#latency.add(latencyMs);
    if (abstained) this.#abstained += 1;
    if (!usable) return closed;
    for (let i = 0; i < this.#features.length; i += 1) this.#features[i]?.add(features[i] ?? Number.NaN);
    for (let i = 0; i < this.#outputs.length; i += 1) this.#outputs[i]?.add(outputs[i] ?? Number.NaN);
    return closed;
  }

  /** Ends the present period with its last prediction, if one has begun: a later summary begins where this one ends. */
  close(): SummaryRecord | undefined {
    if (this.#period === undefined) return undefined;
    return this.#close(Math.min(this.#newest, this.#end(this.#last ?? this.#period)));
  }

  /** Notes that a summary up to `to` was told, though the snapshot may not know it: what was counted up to there is in it. */
  emittedUntil(to: number): void {
    if (to <= this.#told || this.#ofEarlierVersion) return;
    this.#told = to;
    this.#toldTies = true;
    if (this.#newest <= to) this.#period = undefined;
  }

  /** Begins where a closed summary of another model ended: what was told in it is not counted again. */
  goOn(before: AssetSummary): void {
    this.#told = before.#told;
    this.#toldTies = before.#toldTies;
    this.#newest = before.#newest;
  }

  /** Notes that an earlier version wrote the snapshot: the summary that a stop ended had the end of its whole period. */
  isOfEarlierVersion(): void {
    this.#ofEarlierVersion = true;
  }

  /**
   * Notes that predictions were told whose windows end from `from` to `until`, and that those behind the snapshot do not
   * come again: a summary of all their periods says so, with the reason.
   */
  interrupted(reason: string, from: number, until: number): void {
    if (until <= this.#newest) return;
    const first = this.#lost?.first ?? this.#periodOf(Math.max(from, this.#newest));
    this.#lost = { first, last: this.#periodOf(until), reason };
  }

  /** Writes the running period. */
  save(out: ByteWriter): void {
    out.f64(this.#period ?? Number.NaN);
    if (this.#period !== undefined) {
      out.u32(this.#predictions);
      out.u32(this.#abstained);
      this.#latency.save(out);
      for (const summary of [...this.#features, ...this.#outputs]) summary.save(out);
    }
    out.f64(this.#newest);
    out.f64(this.#lost?.first ?? Number.NaN);
    if (!this.#lost) return;
    out.f64(this.#lost.last);
    out.text(this.#lost.reason);
  }

  /** Writes up to where summaries were told, which holds for those of another model too. */
  saveTold(out: ByteWriter): void {
    out.f64(this.#told);
    out.u8(this.#toldTies ? 1 : 0);
  }

  /** Reads what `saveTold` wrote. */
  restoreTold(from: ByteReader): void {
    this.#told = from.f64();
    this.#toldTies = from.u8() === 1;
  }

  /** Resumes where one of the same spec was saved. Throws RangeError where the bytes are no such state. */
  restore(from: ByteReader): void {
    const period = from.f64();
    if (!Number.isNaN(period)) {
      this.#start(period);
      this.#predictions = from.u32();
      this.#abstained = from.u32();
      this.#latency.restore(from);
      for (const summary of [...this.#features, ...this.#outputs]) summary.restore(from);
    }
    // Earlier versions wrote no more.
    if (from.done) return;
    this.#newest = from.f64();
    const first = from.f64();
    if (!Number.isNaN(first)) this.#lost = { first, last: from.f64(), reason: from.text() };
  }

  /** The last period of the summary that is under way: that of its predictions, or of such as were told and lost. */
  get #last(): number | undefined {
    if (this.#period === undefined || this.#lost === undefined) return this.#period ?? this.#lost?.last;
    return Math.max(this.#period, this.#lost.last);
  }

  #periodOf(to: number): number {
    return Math.floor((to - 1) / this.#spec.every);
  }

  #end(period: number): number {
    return (period + 1) * this.#spec.every;
  }

  /** The source's times begin again: what runs ends, and no time was told. */
  #beginAgain(): SummaryRecord | undefined {
    const closed = this.close();
    this.#told = Number.NEGATIVE_INFINITY;
    return closed;
  }

  #close(to: number): SummaryRecord | undefined {
    const lost = this.#lost;
    if (this.#period === undefined && lost) this.#start(lost.first);
    if (this.#period === undefined) return undefined;
    const { pipeline, model, featureSpec, every } = this.#spec;
    const from = Math.max(Math.min(this.#period, lost?.first ?? this.#period) * every, this.#told);
    this.#period = undefined;
    this.#told = to;
    this.#toldTies = false;
    this.#lost = undefined;
    return {
      type: 'summary',
      t: to,
      pipeline,
      asset: this.#asset,
      from,
      to,
      model,
      featureSpec,
      predictions: this.#predictions,
      abstained: this.#abstained,
      ...(lost && { incomplete: lost.reason }),
      features: named(this.#spec.features, this.#features),
      outputs: named(this.#spec.outputs, this.#outputs),
      latency: this.#latency.toRecord(),
    };
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

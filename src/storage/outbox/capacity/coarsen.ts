import type { Distribution, FoldedPredictions, SummaryRecord } from '../../../common/core/index.ts';
import { mergeDistributions, mergeHistograms } from '../../../common/profile/index.ts';
import { SEVERAL } from '../journal/losses/prediction-fold.ts';

type Counts = Readonly<Record<string, number>>;

/**
 * Reads a body as a summary. Undefined where it is none, or has no form that can be merged; such a record stays as it
 * is.
 */
export function readSummary(body: string): SummaryRecord | undefined {
  try {
    const record = JSON.parse(body) as Partial<SummaryRecord> | null;
    const { type, pipeline, asset, model, features, outputs, latency } = record ?? {};
    if (type !== 'summary' || typeof pipeline !== 'string' || typeof asset !== 'string') return undefined;
    if (typeof model?.digest !== 'string' || !features || !outputs || !latency) return undefined;
    return record as SummaryRecord;
  } catch {
    return undefined;
  }
}

/** Key of a summary. Summaries of one key describe different times, or, without the asset, different assets. */
export function keyOf(summary: SummaryRecord, withAsset: boolean): string {
  const { pipeline, asset, model, beside, featureSpec = '', folded } = summary;
  return JSON.stringify([pipeline, withAsset ? asset : '', model.digest, beside, featureSpec, folded === undefined]);
}

/** Merges two summaries of one key into a coarser one: counts add, moments by Chan's formula, in any order. */
export function mergeSummaries(a: SummaryRecord, b: SummaryRecord): SummaryRecord {
  const to = Math.max(a.to, b.to);
  return {
    ...a,
    t: to,
    asset: a.asset === b.asset ? a.asset : SEVERAL,
    from: Math.min(a.from, b.from),
    to,
    predictions: a.predictions + b.predictions,
    abstained: a.abstained + b.abstained,
    ...(a.folded && b.folded ? { folded: mergeFolded(a.folded, b.folded) } : {}),
    features: joined(a.features, b.features, mergeDistributions),
    outputs: joined(a.outputs, b.outputs, mergeDistributions),
    latency: mergeHistograms(a.latency, b.latency),
  };
}

/** Whether two summaries count into the same bins, so that they can be merged. */
export function agree(a: SummaryRecord, b: SummaryRecord): boolean {
  return sameBins(a.features, b.features) && sameBins(a.outputs, b.outputs);
}

function sameBins(a: Readonly<Record<string, Distribution>>, b: Readonly<Record<string, Distribution>>): boolean {
  return Object.entries(a).every(([name, { counts }]) => {
    const other = b[name];
    return other === undefined || other.counts.length === counts.length;
  });
}

function mergeFolded(a: FoldedPredictions, b: FoldedPredictions): FoldedPredictions {
  return {
    records: a.records + b.records,
    decisions: added(a.decisions, b.decisions),
    labels: joined(a.labels, b.labels, added),
    quality: added(a.quality, b.quality),
  };
}

function added(a: Counts, b: Counts): Counts {
  return joined(a, b, (one, other) => one + other);
}

function joined<T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  merge: (a: T, b: T) => T,
): Record<string, T> {
  const all: Record<string, T> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const mine = Object.hasOwn(a, name) ? a[name] : undefined;
    all[name] = mine === undefined ? value : merge(mine, value);
  }
  return all;
}

import {
  type ModelIdentity,
  type Output,
  type PredictionRecord,
  recordKindOf,
  type ShadowRecord,
  type SummaryRecord,
  type TargetOutput,
} from '../../../../common/core/index.ts';
import { BinnedSummary, ExponentialHistogram } from '../../../../common/profile/index.ts';

/** Asset of a record that stands for several assets. */
export const SEVERAL = '*';
/** Models of the field have far fewer outputs. A summary must stay smaller than what it stands for. */
const MAX_OUTPUTS = 64;
const MAX_LABELS = 32;
const REST = '*';
/** Summaries have no bins here: the outbox does not know the reference profile, and moments say enough. */
const NO_EDGES: readonly number[] = [];

/** A prediction as the outbox finds it in a body. */
export type FoldablePrediction = Omit<PredictionRecord, 'type' | 'overrides'> & Partial<Pick<ShadowRecord, 'beside'>>;

/**
 * Reads a body as a prediction. Undefined where it is none, or has no form that can be folded; such a record stays as
 * it is.
 */
export function readPrediction(body: string): FoldablePrediction | undefined {
  const record = parse(body);
  if (record?.type === undefined || recordKindOf(record.type).givesWay !== 'thinned') return;
  if (typeof record.asset !== 'string' || typeof record.pipeline !== 'string') return;
  if (typeof record.model?.digest !== 'string' || typeof record.output !== 'object') return;
  if (!Number.isFinite(record.from) || !Number.isFinite(record.to)) return;
  return record as FoldablePrediction;
}

function parse(body: string): Partial<PredictionRecord | ShadowRecord> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** One summary in the making, of predictions of one pipeline and model. Its memory is bounded whatever comes. */
export class PredictionFold {
  records = 0;
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  readonly #pipeline: string;
  readonly #asset: string;
  readonly #model: ModelIdentity;
  readonly #beside: string | undefined;
  readonly #outputs = new Map<string, BinnedSummary>();
  readonly #labels = new Map<string, Map<string, number>>();
  readonly #decisions = new Map<string, number>();
  readonly #quality = new Map<string, number>();
  readonly #latency = new ExponentialHistogram();
  #abstained = 0;

  constructor(pipeline: string, asset: string, model: ModelIdentity, beside?: string) {
    this.#beside = beside;
    this.#pipeline = pipeline;
    this.#asset = asset;
    this.#model = model;
  }

  add({ from, to, output, decision, quality, latencyMs }: FoldablePrediction): void {
    this.records += 1;
    this.from = Math.min(this.from, from);
    this.to = Math.max(this.to, to);
    if (decision === 'abstain') this.#abstained += 1;
    count(this.#decisions, decision, MAX_LABELS);
    count(this.#quality, quality?.code ?? 'Bad', MAX_LABELS);
    if (latencyMs !== undefined) this.#latency.add(latencyMs);
    if (output !== null) this.#addOutput(output);
  }

  toRecord(): SummaryRecord {
    return {
      type: 'summary',
      t: this.to,
      pipeline: this.#pipeline,
      asset: this.#asset,
      from: this.from,
      to: this.to,
      model: this.#model,
      ...(this.#beside === undefined ? {} : { beside: this.#beside }),
      predictions: this.records,
      abstained: this.#abstained,
      folded: {
        records: this.records,
        decisions: Object.fromEntries(this.#decisions),
        labels: Object.fromEntries(Array.from(this.#labels, ([target, all]) => [target, Object.fromEntries(all)])),
        quality: Object.fromEntries(this.#quality),
      },
      features: {},
      outputs: Object.fromEntries(Array.from(this.#outputs, ([name, summary]) => [name, summary.toRecord()])),
      latency: this.#latency.toRecord(),
    };
  }

  #addOutput(output: Output): void {
    if (!('outputs' in output)) {
      this.#addTarget(undefined, output);
      return;
    }
    for (const [target, answer] of Object.entries(output.outputs)) {
      if (answer !== null) this.#addTarget(target, answer);
    }
  }

  #addTarget(target: string | undefined, answer: TargetOutput): void {
    if ('value' in answer) this.#addNumber(target ?? 'value', answer.value);
    else if ('values' in answer) this.#addForecast(target ?? 'value', answer.values, answer.steps);
    else if ('score' in answer) this.#addNumber(target ?? 'score', answer.score);
    else {
      const name = target ?? 'label';
      const labels = this.#labels.get(name) ?? new Map<string, number>();
      count(labels, answer.label, MAX_LABELS);
      if (this.#labels.size < MAX_OUTPUTS) this.#labels.set(name, labels);
      for (const [label, probability] of Object.entries(answer.probabilities ?? {})) {
        this.#addNumber(`${name}.${label}`, probability);
      }
    }
  }

  #addForecast(name: string, values: readonly number[], steps: readonly string[]): void {
    for (const [index, value] of values.entries()) this.#addNumber(`${name}.${steps[index] ?? index}`, value);
  }

  #addNumber(name: string, value: number): void {
    let summary = this.#outputs.get(name);
    if (summary === undefined) {
      if (this.#outputs.size >= MAX_OUTPUTS) return;
      summary = new BinnedSummary(NO_EDGES);
      this.#outputs.set(name, summary);
    }
    summary.add(value);
  }
}

/** Counts a name; beyond `most` different names the rest share one. */
function count(counts: Map<string, number>, name: string, most: number): void {
  const known = counts.has(name) || counts.size < most ? name : REST;
  counts.set(known, (counts.get(known) ?? 0) + 1);
}

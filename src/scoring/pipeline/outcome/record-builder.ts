import {
  type AlarmEnd,
  isBad,
  type ModelIdentity,
  type PredictionRecord,
  type SummaryRecord,
  toQualityRecord,
} from '../../../common/core/index.ts';
import type { Verdict } from '../../decision/index.ts';
import type { EndedAlarm } from '../asset/alarms.ts';
import type { AssetState } from '../asset/state.ts';
import type { Left } from '../asset/takeover.ts';
import type { Explainer, ScoredWindow } from '../explain/explainer.ts';
import type { PipelineConfig } from '../schema/config.ts';
import type { PipelineCounts } from './counts.ts';
import type { Effect, ExplanationEffect } from './effect.ts';
import type { Explanations } from './explanations.ts';
import { withReasons } from './verdicts.ts';
import type { Slot } from './window-queue.ts';

/** What the records of a pipeline are made of, and where effects go. */
export interface RecordBuilderOptions {
  readonly pipeline: string;
  readonly model: ModelIdentity;
  /** Digest of the model that acts, where this one does not. */
  readonly beside: string | undefined;
  readonly overrides: PipelineConfig['overrides'];
  readonly explainer: Explainer | undefined;
  readonly explanations: Explanations | undefined;
  readonly counts: PipelineCounts;
  readonly effects: Effect[];
}

/** Makes a decided window into its effects: the summary of a period that it ends, its prediction, changes of alarms. */
export class RecordBuilder {
  readonly #pipeline: string;
  readonly #model: ModelIdentity;
  readonly #beside: string | undefined;
  readonly #overrides: Pick<PredictionRecord, 'overrides'>;
  readonly #explainer: Explainer | undefined;
  readonly #explanations: Explanations | undefined;
  readonly #counts: PipelineCounts;
  readonly #effects: Effect[];

  constructor({ pipeline, model, beside, overrides, explainer, explanations, counts, effects }: RecordBuilderOptions) {
    this.#pipeline = pipeline;
    this.#model = model;
    this.#beside = beside;
    this.#overrides = overrides ? { overrides } : {};
    this.#explainer = explainer;
    this.#explanations = explanations;
    this.#counts = counts;
    this.#effects = effects;
  }

  /** Takes the next window that is decided, in the order in which windows closed. */
  decided(slot: Slot, verdict: Verdict, now: number): void {
    const { asset, readingNumber } = slot;
    const abstained = verdict.decision === 'abstain';
    const emitted = asset.emittedPredictions.take(slot.to);
    if (emitted) this.#counts.suppressed += 1;
    else {
      this.#counts.predictions += 1;
      if (abstained) this.#counts.abstained += 1;
    }
    const latencyMs = Math.max(0, now - slot.closedAt);
    const { to, outputs } = slot;
    const features = slot.unmeasured.length === 0 ? slot.features : measured(slot);
    const usable = !isBad(slot.quality.code);
    const summary = asset.summary?.add({ to, features, outputs, abstained, usable, latencyMs });
    if (!emitted) this.summary(summary, readingNumber);
    const record: PredictionRecord = {
      type: 'prediction',
      t: slot.to,
      pipeline: this.#pipeline,
      asset: asset.name,
      from: slot.from,
      to: slot.to,
      model: this.#model,
      output: verdict.output,
      decision: verdict.decision,
      quality: toQualityRecord(withReasons(slot.quality, verdict.reasons)),
      ...(slot.missing ? { missing: slot.missing } : {}),
      ...this.#overrides,
      latencyMs,
    };
    const told = this.#beside === undefined ? record : ({ ...record, type: 'shadow', beside: this.#beside } as const);
    this.#effects.push(
      emitted ? { kind: 'suppressed', readingNumber } : { kind: 'record', record: told, readingNumber },
    );
    const scored = this.#explainer && !abstained ? scoredWindow(slot, record, this.#explainer.target) : undefined;
    if (scored) asset.last = { scored, from: slot.from, to: slot.to };
    for (const alarm of asset.alarms) {
      const change = alarm.update(record);
      if (!change || asset.emittedAlarms.take(change.t)) continue;
      alarm.emitted();
      this.#counts.alarms += 1;
      const effect = { kind: 'record', record: change, readingNumber } as const;
      if (!scored || change.state !== 'raised') this.follow(effect);
      else
        this.#explanations?.explain(scored, now, (explanation) => ({
          ...effect,
          record: { ...change, ...explanation },
        }));
    }
  }

  /**
   * Ends what was told of an asset that gives way, or of a pipeline that is taken away, behind the windows that it closed:
   * its running summary, and the alarms that stand.
   */
  ended(asset: AssetState, readingNumber: number, reason: AlarmEnd): void {
    this.summary(asset.summary?.close(), readingNumber);
    const t = asset.windows.closed;
    for (const alarm of asset.alarms) {
      const record = alarm.end(this.#pipeline, asset.name, t, reason);
      if (!record || asset.emittedAlarms.take(record.t)) continue;
      this.#counts.alarms += 1;
      this.follow({ kind: 'record', record, readingNumber });
    }
  }

  /** Ends what is told of an asset which another pipeline goes on with. */
  left(left: Left, readingNumber: number): void {
    this.summary(left.state.summary?.close(), readingNumber);
    this.follow({ kind: 'left', left });
  }

  /** Emits the records that end alarms without a prediction. */
  ends(records: readonly EndedAlarm[]): void {
    this.#counts.alarms += records.length;
    for (const record of records) this.follow({ kind: 'record', record, readingNumber: 0 });
  }

  /** Explains the window of an asset that was scored last, behind the alarms that wait. */
  answer(last: AssetState['last'], request: number, now: number): void {
    const answer = (explanation: ExplanationEffect['explanation']): ExplanationEffect => ({
      kind: 'explanation',
      request,
      explanation,
      window: last && { from: last.from, to: last.to },
    });
    if (last && this.#explanations) this.#explanations.explain(last.scored, now, answer);
    else this.#effects.push(answer(undefined));
  }

  /** Emits an effect behind the alarms that wait for their explanation. */
  follow(effect: Effect): void {
    if (this.#explanations) this.#explanations.pass(effect);
    else this.#effects.push(effect);
  }

  /** Emits the summary of a period, if one ended. */
  summary(record: SummaryRecord | undefined, readingNumber: number): void {
    if (record) this.#effects.push({ kind: 'record', record, readingNumber });
  }
}

/** The features of a slot, NaN where something else stands in the place of a measurement. */
function measured({ features, unmeasured }: Slot): Float64Array {
  const copy = features.slice();
  for (const index of unmeasured) copy[index] = Number.NaN;
  return copy;
}

/** Copies what a slot holds, since slots are used again. */
function scoredWindow(slot: Slot, { output }: PredictionRecord, target: string): ScoredWindow {
  const answer = output && 'outputs' in output ? output.outputs[target] : output;
  return {
    vector: slot.vector.slice(),
    features: slot.features.slice(),
    errors: slot.errors.slice(),
    outputs: slot.outputs.slice(),
    label: answer && 'label' in answer ? answer.label : undefined,
  };
}

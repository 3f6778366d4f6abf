import {
  isBad,
  type ModelIdentity,
  type OutputBatch,
  type PredictionRecord,
  type Reading,
  type SummaryRecord,
  type TensorInfo,
  toQualityRecord,
  type Window,
} from '../core/index.ts';
import type { Decider, Verdict } from '../decision/index.ts';
import type { Condition } from '../expression/index.ts';
import type { Vectorizer } from '../features/index.ts';
import { ABSENT, createAssetWindows, type WindowOptions } from '../windows/index.ts';
import { type AlarmRule, compileAlarms } from './alarms.ts';
import { AssetCodec } from './asset-codec.ts';
import { type AssetState, createState } from './asset-state.ts';
import { Assets } from './assets.ts';
import { type Binding, createBinder, fillRow, type Row } from './binding.ts';
import { bindSamples, latestOf, placeSample } from './block.ts';
import { compileGate } from './conditions.ts';
import { createCounts, type PipelineCounts } from './counts.ts';
import type { Effect, ExplanationEffect } from './effect.ts';
import { type Explainer, scoredWindow } from './explainer.ts';
import { Explanations } from './explanations.ts';
import { categoriesOf, deciderOf, explainerOf, type PipelineModel, recurrenceOf, vectorizerOf } from './model.ts';
import { compilePattern } from './pattern.ts';
import type { Recurrence } from './recurrence.ts';
import type { AssetConfig, PipelineConfig } from './schema.ts';
import { fillSlot } from './scoring-input.ts';
import { Snapshots } from './snapshots.ts';
import { summarySpec, windowOptions } from './specs.ts';
import type { SummarySpec } from './summaries.ts';
import { abstention, withReasons } from './verdicts.ts';
import { type Slot, WindowQueue } from './window-queue.ts';

const NO_EFFECTS: readonly Effect[] = Object.freeze([]);

export interface PipelineOptions {
  readonly name: string;
  readonly config: PipelineConfig;
  readonly assets: Readonly<Record<string, AssetConfig>>;
  readonly model: PipelineModel;
}

/**
 * One configured pipeline as a pure machine: readings and times go in, effects come out.
 * `run` and `replay` drive the same one, so that the same readings give the same predictions.
 * Every `now` is processing time in ms and must not go backwards.
 */
export class Pipeline {
  readonly name: string;
  readonly identity: ModelIdentity;
  readonly counts: PipelineCounts = createCounts();
  readonly #config: PipelineConfig;
  readonly #vectorizer: Vectorizer;
  readonly #decider: Decider;
  readonly #bind: (asset: string) => Binding;
  readonly #gate: Condition | undefined;
  readonly #alarmRules: readonly AlarmRule[];
  readonly #windowOptions: WindowOptions;
  readonly #summarySpec: SummarySpec | undefined;
  readonly #assets: Assets;
  readonly #queue: WindowQueue;
  readonly #codec: AssetCodec;
  readonly #snapshots: Snapshots;
  readonly #row: Row;
  readonly #effects: Effect[] = [];
  readonly #explainer: Explainer | undefined;
  readonly #recurrence: Recurrence | undefined;
  readonly #explanations: Explanations | undefined;
  readonly #overrides: Pick<PredictionRecord, 'overrides'>;

  constructor({ name, config, assets, model }: PipelineOptions) {
    this.name = name;
    this.identity = model.identity;
    this.#config = config;
    this.#vectorizer = vectorizerOf(model);
    this.#decider = deciderOf(model, config.overrides);
    this.#assets = new Assets({
      limit: config.limits.assets,
      matches: compilePattern(config.assets),
      create: (asset) => this.#create(asset),
      onTooMany: () => {
        this.counts.tooManyAssets += 1;
      },
    });
    this.#bind = createBinder(model.tags, categoriesOf(model), config.tags, assets);
    this.#gate = compileGate(config.when);
    this.#alarmRules = compileAlarms(config.alarms);
    this.#windowOptions = windowOptions(model, config);
    this.#summarySpec = summarySpec(name, model, config, this.#vectorizer, this.#decider);
    this.#explainer = explainerOf(model, this.#vectorizer, this.#decider);
    this.#explanations = this.#explainer && new Explanations(this.#explainer, this.#vectorizer.length, this.#effects);
    this.#recurrence = recurrenceOf(model, this.#vectorizer);
    this.#queue = new WindowQueue({
      vector: this.#vectorizer.length + (this.#recurrence?.length ?? 0),
      features: this.#vectorizer.names.length,
      outputs: this.#decider.names.length,
      errors: this.#explainer?.errors ?? 0,
    });
    this.#codec = new AssetCodec(
      model,
      config,
      this.#windowOptions,
      this.#alarmRules,
      this.#summarySpec,
      this.#recurrence,
    );
    this.#snapshots = new Snapshots(this.#codec);
    this.#row = { values: new Float64Array(model.tags.length), status: new Uint32Array(model.tags.length) };
    this.#overrides = config.overrides ? { overrides: config.overrides } : {};
  }

  /** Throws where the outputs that a model declares cannot carry the manifest's targets. */
  checkModel(outputs: readonly TensorInfo[]): void {
    this.#decider.checkModel(outputs);
    this.#explainer?.checkModel(outputs);
  }

  /** Windows and explanations that wait for their answer. */
  get waiting(): number {
    return this.#queue.length + this.explaining;
  }

  /** Whether the manifest says how answers are explained. */
  get explains(): boolean {
    return this.#explainer !== undefined;
  }

  /** Explanations that wait, and what must not overtake them. */
  get explaining(): number {
    return this.#explanations?.waiting ?? 0;
  }

  /** What the configuration overrides in the manifest. */
  get overrides(): PipelineConfig['overrides'] {
    return this.#config.overrides;
  }

  /** By target: the score or positive probability above which it is an anomaly, as it is in force. */
  get thresholds(): Readonly<Record<string, number>> {
    return this.#decider.thresholds;
  }

  get assets(): number {
    return this.#assets.size;
  }

  /** Takes one reading. `cause` comes back with every record of the windows that it closes. */
  push(reading: Reading, now: number, cause = 0): readonly Effect[] {
    const state = this.#assets.of(reading.asset);
    if (!state) return NO_EFFECTS;
    this.#snapshots.touch(state);
    if (reading.attributes) state.attributes = { ...state.binding.attributes, ...reading.attributes };
    const bound = fillRow(reading, state.binding.columns, this.#row, ABSENT, this.counts);
    const samples = bindSamples(reading.block, state.binding.columns, this.counts);
    this.#effects.length = 0;
    if (!this.#admits(state, reading)) {
      this.counts.gated += 1;
      return NO_EFFECTS;
    }
    if (bound + samples.tags.length === 0) {
      this.counts.unbound += 1;
      return NO_EFFECTS;
    }
    for (let i = 0; i < samples.length - 1; i += 1) {
      placeSample(samples, i, this.#row);
      this.#take(state, samples.time(i), now, cause);
    }
    placeSample(samples, samples.length - 1, this.#row);
    this.#take(state, reading.t, now, cause);
    return this.#deliver(now);
  }

  /** Closes windows whose tags fell silent. */
  tick(now: number, cause = 0): readonly Effect[] {
    this.#effects.length = 0;
    for (const state of this.#assets) {
      state.windows.tick(now);
      this.#closeWindows(state, now, cause);
    }
    this.#explanations?.expire(now);
    return this.#deliver(now);
  }

  /** The end of the input: windows that have begun close with what they hold, assets in order of name. */
  flush(now: number, cause = 0): readonly Effect[] {
    this.#effects.length = 0;
    for (const state of [...this.#assets].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      state.windows.flush();
      this.#closeWindows(state, now, cause);
    }
    return this.#deliver(now);
  }

  /** Ends the running summaries and lets go alarms that wait; to be called when nothing waits for the model any more. */
  closeSummaries(cause = 0): readonly Effect[] {
    this.#effects.length = 0;
    this.#explanations?.end();
    for (const state of this.#assets) {
      const record = state.summary?.close();
      if (record) this.#snapshots.touch(state);
      this.#emitSummary(record, cause);
    }
    return this.#effects;
  }

  /**
   * Takes a snapshot of what is held of the assets that changed since the last one, as of this moment. Its effect comes
   * when the windows that are closed now are decided, at once or later; until then no other one may be asked for.
   */
  snapshot(now: number): readonly Effect[] {
    this.#effects.length = 0;
    this.#snapshots.begin(this.#queue.nextTicket, now);
    return this.#deliver(now);
  }

  /**
   * Goes on with an asset where a snapshot had it; to be called before its first reading. Returns the parts that begin
   * anew, because what they depend on is another: `windows`, `summary`, `alarm NAME`.
   * @param missing where readings since the snapshot may be gone: the reason that windows across the gap give
   */
  restore(asset: string, body: Uint8Array, now: number, missing?: string): readonly string[] {
    const state = this.#assets.of(asset);
    if (!state) return ['asset'];
    const anew = this.#codec.restore(state, body, now);
    if (missing !== undefined) {
      state.windows.interrupted(missing);
      if (state.memory) state.memory.fresh = true;
    }
    return anew;
  }

  /**
   * Explains what was said last of an asset. The answer is an effect with the number of the request, at once or later; it
   * comes without an explanation where the manifest has none, nothing was scored yet, or the model gives no answer.
   */
  explain(asset: string, request: number, now: number): readonly Effect[] {
    this.#effects.length = 0;
    const last = this.#assets.get(asset)?.last;
    const answer = (explanation: ExplanationEffect['explanation']): ExplanationEffect => ({
      kind: 'explanation',
      request,
      explanation,
      window: last && { from: last.from, to: last.to },
    });
    if (last && this.#explanations) this.#explanations.explain(last.scored, now, answer);
    else this.#effects.push(answer(undefined));
    return this.#effects;
  }

  /**
   * Predictions, or changes of alarms, of an asset up to this event time were told before this start, of those just then
   * so many, though a snapshot may not know it: the windows move everything on, and nothing is told again. To be called
   * before its first reading.
   */
  toldUntil(asset: string, type: 'prediction' | 'alarm', until: number, ties: number): void {
    const state = this.#assets.of(asset);
    if (!state) return;
    (type === 'alarm' ? state.alarmsTold : state.told).until(until, ties);
    this.#snapshots.touch(state);
  }

  /**
   * The clock was set back: assets whose newest time lies beyond `limit` have times of before. Their windows close with
   * what they hold, which gives the reason, and begin anew.
   */
  resetBeyond(limit: number, reason: string, now: number): readonly Effect[] {
    this.#effects.length = 0;
    for (const state of this.#assets) {
      for (const told of [state.told, state.alarmsTold]) told.resetBeyond(limit);
      if (state.windows.newest <= limit) continue;
      state.windows.interrupted(reason);
      state.windows.flush();
      this.#closeWindows(state, now, 0);
      state.windows = createAssetWindows(this.#windowOptions);
      if (state.memory) state.memory.fresh = true;
      for (const told of [state.told, state.alarmsTold]) told.reset();
      this.#snapshots.touch(state);
    }
    return this.#deliver(now);
  }

  /** Begins anew: the source is another one than that which was restored. Returns the assets that are gone. */
  forget(): string[] {
    const names = Array.from(this.#assets, ({ name }) => name);
    this.#assets.clear();
    this.#snapshots.forget();
    return names;
  }

  /** The model's answer for a ticket: row `row` of a batch. */
  complete(ticket: number, batch: OutputBatch, row: number, now: number): readonly Effect[] {
    this.#effects.length = 0;
    if (ticket < 0) this.#explanations?.complete(ticket, batch, row);
    const slot = ticket < 0 ? undefined : this.#queue.find(ticket);
    if (slot) {
      slot.verdict = this.#decider.decide(batch, row, slot.outputs);
      if (this.#explainer?.readErrors(batch, row, slot.errors) === false) slot.errors.fill(Number.NaN);
      this.#leave(slot, batch, row);
    }
    return this.#deliver(now);
  }

  /** There is no answer for a ticket: the window abstains, with the reason. */
  fail(ticket: number, reason: string, now: number): readonly Effect[] {
    this.#effects.length = 0;
    if (ticket < 0) this.#explanations?.fail(ticket);
    const slot = ticket < 0 ? undefined : this.#queue.find(ticket);
    if (slot) {
      this.counts.failed += 1;
      slot.outputs.fill(Number.NaN);
      slot.verdict = abstention(reason);
      this.#leave(slot, undefined, 0);
    }
    return this.#deliver(now);
  }

  /** Of a recurrent model, the next window of the asset follows. */
  #leave(slot: Slot, batch: OutputBatch | undefined, row: number): void {
    const { memory } = slot.asset;
    const next = memory && this.#recurrence?.leave(memory, slot, batch, row);
    if (next) this.#effects.push({ kind: 'infer', ticket: next.ticket, vector: next.vector });
  }

  #create(asset: string): AssetState {
    const rules = { windows: this.#windowOptions, alarms: this.#alarmRules, summary: this.#summarySpec };
    return createState(asset, this.#bind(asset), rules, this.#recurrence?.create());
  }

  #take(state: AssetState, t: number, now: number, cause: number): void {
    this.counts.readings += 1;
    const outcome = state.windows.push(t, this.#row.values, this.#row.status, now);
    if (outcome !== 'accepted') this.counts[outcome] += 1;
    if (outcome === 'stepped') for (const told of [state.told, state.alarmsTold]) told.reset();
    this.#closeWindows(state, now, cause);
  }

  /** A closed gate starts the windows anew, so that none spans a stop of the machine. */
  #admits(state: AssetState, reading: Reading): boolean {
    if (!this.#gate) return true;
    Object.assign(state.latest, reading.values, latestOf(reading.block));
    const open = this.#gate({ tags: state.latest, attributes: state.attributes });
    if (!open && state.gateOpen) {
      state.windows = createAssetWindows(this.#windowOptions);
      if (state.memory) state.memory.fresh = true;
    }
    state.gateOpen = open;
    return open;
  }

  #closeWindows(state: AssetState, now: number, cause: number): void {
    for (let window = state.windows.next(); window; window = state.windows.next())
      this.#close(state, window, now, cause);
  }

  #close(state: AssetState, window: Window, now: number, cause: number): void {
    this.#snapshots.touch(state);
    const slot = this.#queue.open(state);
    slot.from = window.from;
    slot.to = window.to;
    slot.quality = window.quality;
    slot.closedAt = now;
    slot.cause = cause;
    this.counts.windows += 1;
    const usable = fillSlot(slot, window, this.#vectorizer);
    const ready = state.memory && this.#recurrence ? this.#recurrence.enter(state.memory, slot, usable) : usable;
    if (ready) this.#effects.push({ kind: 'infer', ticket: slot.ticket, vector: slot.vector });
  }

  #deliver(now: number): readonly Effect[] {
    this.#finishSnapshot();
    for (let slot = this.#queue.takeDecided(); slot; slot = this.#queue.takeDecided()) {
      if (slot.verdict) this.#emit(slot, slot.verdict, now);
      this.#queue.release(slot);
      this.#finishSnapshot();
    }
    return this.#effects;
  }

  /** Before any window is decided that closed after the snapshot was asked for. */
  #finishSnapshot(): void {
    if (!this.#snapshots.due(this.#queue.headTicket)) return;
    this.#follow({ kind: 'snapshot', assets: this.#snapshots.finish() });
  }

  #emit(slot: Slot, verdict: Verdict, now: number): void {
    const { asset, cause } = slot;
    if (asset.memory) this.#recurrence?.decide(asset.memory, slot);
    const abstained = verdict.decision === 'abstain';
    const told = asset.told.take(slot.to);
    if (!told) {
      this.counts.predictions += 1;
      if (abstained) this.counts.abstained += 1;
    }
    const latencyMs = Math.max(0, now - slot.closedAt);
    const { to, features, outputs } = slot;
    const usable = !isBad(slot.quality.code);
    const summary = asset.summary?.add({ to, features, outputs, abstained, usable, latencyMs });
    if (!told) this.#emitSummary(summary, cause);
    const record: PredictionRecord = {
      type: 'prediction',
      t: slot.to,
      pipeline: this.name,
      asset: asset.name,
      from: slot.from,
      to: slot.to,
      model: this.identity,
      output: verdict.output,
      decision: verdict.decision,
      quality: toQualityRecord(withReasons(slot.quality, verdict.reasons)),
      ...this.#overrides,
      latencyMs,
    };
    this.#effects.push(told ? { kind: 'told', cause } : { kind: 'record', record, urgent: false, cause });
    const scored = this.#explainer && !abstained ? scoredWindow(slot, record, this.#explainer.target) : undefined;
    if (scored) asset.last = { scored, from: slot.from, to: slot.to };
    for (const alarm of asset.alarms) {
      const change = alarm.update(record);
      if (!change || asset.alarmsTold.take(change.t)) continue;
      this.counts.alarms += 1;
      const effect = { kind: 'record', record: change, urgent: true, cause } as const;
      if (!scored || change.state !== 'raised') this.#follow(effect);
      else
        this.#explanations?.explain(scored, now, (explanation) => ({
          ...effect,
          record: { ...change, ...explanation },
        }));
    }
  }

  /** Gives an effect out behind the alarms that wait for their explanation. */
  #follow(effect: Effect): void {
    if (this.#explanations) this.#explanations.pass(effect);
    else this.#effects.push(effect);
  }

  #emitSummary(record: SummaryRecord | undefined, cause: number): void {
    if (record) this.#effects.push({ kind: 'record', record, urgent: false, cause });
  }
}

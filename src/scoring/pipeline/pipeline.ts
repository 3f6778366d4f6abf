import type { ModelIdentity, OutputBatch, Reading, Severity, TensorInfo } from '../../common/core/index.ts';
import type { Decider } from '../decision/index.ts';
import { ABSENT, type ReadingOrigin, type WindowOptions } from '../windows/index.ts';
import { compileAlarms, type ToldAlarm } from './asset/alarms.ts';
import { Assets } from './asset/assets.ts';
import { AssetCodec } from './asset/codec.ts';
import { createGate, type Gate } from './asset/gate.ts';
import type { Gone } from './asset/gone.ts';
import { type AssetSnapshot, Snapshots } from './asset/snapshots.ts';
import { summarySpec, windowOptions } from './asset/specs.ts';
import {
  type AssetState,
  beginBehindEmitted,
  createState,
  forgetEmitted,
  interrupt,
  resetWindows,
} from './asset/state.ts';
import type { Left } from './asset/takeover.ts';
import type { Explainer } from './explain/explainer.ts';
import { categoriesOf, deciderOf, explainerOf, type PipelineModel, recurrenceOf, vectorizerOf } from './model/model.ts';
import type { Recurrence } from './model/recurrence.ts';
import { createCounts, type PipelineCounts } from './outcome/counts.ts';
import type { Effect } from './outcome/effect.ts';
import { Explanations } from './outcome/explanations.ts';
import { type AssetExtent, type Begins, Handover, type LentWindows } from './outcome/handover.ts';
import { RecordBuilder } from './outcome/record-builder.ts';
import { Scoring } from './outcome/scoring.ts';
import { WindowQueue } from './outcome/window-queue.ts';
import { createBinder, fillRow, type Row } from './reading/binding.ts';
import { bindSamples, placeSample } from './reading/block.ts';
import { compilePattern } from './reading/pattern.ts';
import type { AssetConfig, PipelineConfig } from './schema/config.ts';

/** Records of an asset that were emitted: those of event times from `from` to `until`, and `ties` of those just then. */
export interface EmittedRecords {
  readonly asset: string;
  readonly type: 'prediction' | 'shadow' | 'alarm' | 'summary';
  readonly from: number;
  readonly until: number;
  readonly ties: number;
}

const NO_EFFECTS: readonly Effect[] = Object.freeze([]);

/** What a pipeline is made of. `name` and `config` as the configuration has them, `assets` for all pipelines. */
export interface PipelineOptions {
  readonly name: string;
  readonly config: PipelineConfig;
  readonly assets: Readonly<Record<string, AssetConfig>>;
  readonly model: PipelineModel;
  /** Digest of the model that acts, where this one is a challenger: it says `shadow`, and neither alarms nor summaries. */
  readonly beside?: string;
}

/**
 * One configured pipeline as a pure machine: readings, times and answers go in, effects come out; `index.ts` says in
 * what order. Every `now` is processing time in ms and must not go backwards.
 */
export class Pipeline {
  readonly name: string;
  readonly identity: ModelIdentity;
  readonly counts: PipelineCounts = createCounts();
  readonly #config: PipelineConfig;
  readonly #decider: Decider;
  readonly #gate: Gate | undefined;
  readonly #windowOptions: WindowOptions;
  readonly #assets: Assets;
  readonly #queue: WindowQueue;
  readonly #codec: AssetCodec;
  readonly #snapshots: Snapshots;
  readonly #row: Row;
  readonly #effects: Effect[] = [];
  readonly #explainer: Explainer | undefined;
  readonly #recurrence: Recurrence | undefined;
  readonly #explanations: Explanations | undefined;
  readonly #scoring: Scoring;
  readonly #records: RecordBuilder;
  readonly #handover: Handover;
  readonly #beside: string | undefined;

  constructor({ name, config, assets, model, beside }: PipelineOptions) {
    this.name = name;
    this.identity = model.identity;
    this.#config = config;
    this.#beside = beside;
    const vectorizer = vectorizerOf(model);
    this.#decider = deciderOf(model, config.overrides);
    const matches = compilePattern(config.assets);
    const bind = createBinder(model.tags, categoriesOf(model), config.tags, assets);
    const windows = windowOptions(model, config);
    this.#windowOptions = windows;
    this.#gate = createGate(config.when);
    const alarms = compileAlarms(beside === undefined ? config.alarms : {});
    const summary = beside === undefined ? summarySpec(name, model, config, vectorizer, this.#decider) : undefined;
    this.#explainer = explainerOf(model, vectorizer, this.#decider);
    this.#explanations = this.#explainer && new Explanations(this.#explainer, model.identity.digest, this.#effects);
    this.#recurrence = recurrenceOf(model, vectorizer);
    this.#queue = new WindowQueue({
      vector: vectorizer.length + (this.#recurrence?.length ?? 0),
      features: vectorizer.names.length,
      outputs: this.#decider.names.length,
      errors: this.#explainer?.errors ?? 0,
    });
    this.#assets = new Assets({
      limit: config.limits.assets,
      idle: config.idle,
      matches,
      create: (asset, standing) => {
        const rules = { windows, alarms, summary };
        const memory = this.#recurrence?.create();
        return createState(asset, bind(asset), standing, this.#handover.stage, rules, memory);
      },
      onTooMany: () => {
        this.counts.tooManyAssets += 1;
      },
      onForgotten: (asset) => this.#snapshots.forgotten(asset),
    });
    this.#codec = new AssetCodec(model, config, windows, alarms, summary, this.#recurrence, this.#gate);
    this.#snapshots = new Snapshots(this.#codec);
    this.#row = { values: new Float64Array(model.tags.length), status: new Uint32Array(model.tags.length) };
    const shared = { explainer: this.#explainer, counts: this.counts, effects: this.#effects };
    this.#scoring = new Scoring({
      ...shared,
      model: model.identity.digest,
      vectorizer,
      decider: this.#decider,
      recurrence: this.#recurrence,
      queue: this.#queue,
    });
    this.#records = new RecordBuilder({
      ...shared,
      pipeline: name,
      model: model.identity,
      beside,
      overrides: config.overrides,
      explanations: this.#explanations,
    });
    this.#handover = new Handover({
      pipeline: name,
      model: model.identity.digest,
      targets: JSON.stringify([model.manifest.outputs, config.overrides]),
      rules: alarms,
      assets: this.#assets,
      codec: this.#codec,
      queue: this.#queue,
      snapshots: this.#snapshots,
      records: this.#records,
      recurrence: this.#recurrence,
      windows,
    });
  }

  /** Throws where the outputs that a model declares cannot carry the manifest's targets. */
  checkModel(outputs: readonly TensorInfo[]): void {
    this.#decider.checkModel(outputs, this.name);
    this.#explainer?.checkModel(outputs, this.name);
  }

  /** Number of windows and explanations that wait for their answer. */
  get waiting(): number {
    return this.#queue.length + this.explaining;
  }

  /** Number of windows that wait for the one before them, since what the model gave for that is part of their input. */
  get behind(): number {
    return this.#recurrence?.waiting ?? 0;
  }

  /** Whether the manifest says how answers are explained. */
  get explains(): boolean {
    return this.#explainer !== undefined;
  }

  /** Number of explanations that wait, and of effects that must not overtake them. */
  get explaining(): number {
    return this.#explanations?.waiting ?? 0;
  }

  /** What the configuration overrides in the manifest; undefined for nothing. */
  get overrides(): PipelineConfig['overrides'] {
    return this.#config.overrides;
  }

  /** The threshold in force, by target: the score or positive probability beyond which it is an anomaly. */
  get thresholds(): Readonly<Record<string, number>> {
    return this.#decider.thresholds;
  }

  /** Number of assets that it follows. */
  get assets(): number {
    return this.#assets.size;
  }

  /** Names of some assets that were refused since there are as many as there may be, the newest last. */
  get refused(): readonly string[] {
    return this.#assets.refused;
  }

  /** The most assets that it follows. */
  get limit(): number {
    return this.#config.limits.assets;
  }

  /**
   * Takes one reading. `readingNumber` comes back with every record of the windows that the reading closes. `limit`:
   * windows that end then or later stay as they are, for `close`.
   */
  push(reading: Reading, now: number, readingNumber = 0, limit?: number): readonly Effect[] {
    this.#effects.length = 0;
    const state = this.#assets.hear(reading.asset) ?? this.#admit(reading.asset, now, readingNumber);
    if (!state) return NO_EFFECTS;
    this.#touch(state);
    if (reading.attributes) state.attributes = { ...state.binding.attributes, ...reading.attributes };
    const bound = fillRow(reading, state.binding.columns, this.#row, ABSENT, this.counts);
    const samples = bindSamples(reading.block, state.binding.columns, this.counts);
    const origin = originOf(reading, readingNumber);
    if (this.#gate?.admits(state, reading, now, origin) === false) {
      this.counts.gated += 1;
      if (samples.length > 0) placeSample(samples, samples.length - 1, this.#row);
      state.windows.pass(reading.t, this.#row.values, this.#row.status);
      return this.#deliver(now);
    }
    if (bound + samples.tags.length === 0) {
      this.counts.unbound += 1;
      return this.#deliver(now);
    }
    if (origin !== 'recording') beginBehindEmitted(state);
    for (let i = 0; i < samples.length - 1; i += 1) {
      placeSample(samples, i, this.#row);
      this.#take(state, samples.time(i), now, origin);
      this.#closeWindows(state, now, readingNumber, limit, false);
    }
    placeSample(samples, samples.length - 1, this.#row);
    this.#take(state, reading.t, now, origin);
    this.#closeWindows(state, now, readingNumber, limit, false);
    return this.#deliver(now);
  }

  /** Closes windows of an asset that a `push` with a limit left: those that end by `limit`; all without one. */
  close(asset: string, now: number, readingNumber: number, limit?: number): readonly Effect[] {
    this.#effects.length = 0;
    const state = this.#assets.get(asset);
    if (state) this.#closeWindows(state, now, readingNumber, limit);
    return this.#deliver(now);
  }

  /** Gives what a `push` that threw had come to: it is not lost with the rest of its reading. */
  undelivered(now: number): readonly Effect[] {
    return this.#deliver(now);
  }

  /** Lets processing time pass: closes windows whose tags fell silent, gives up explanations that are late. */
  tick(now: number, readingNumber = 0): readonly Effect[] {
    this.#effects.length = 0;
    this.#assets.tick(now, (state) => this.#retire(state, now, readingNumber));
    for (const state of this.#assets) {
      state.windows.tick(now);
      this.#closeWindows(state, now, readingNumber);
    }
    this.#explanations?.expire(now);
    return this.#deliver(now);
  }

  /** Ends the input: windows that have begun close with what they hold, assets in order of name. */
  flush(now: number, readingNumber = 0): readonly Effect[] {
    this.#effects.length = 0;
    for (const state of [...this.#assets].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      state.windows.flush();
      this.#closeWindows(state, now, readingNumber);
    }
    return this.#deliver(now);
  }

  /**
   * Ends the running summaries and emits the alarms that wait; to be called when nothing waits for the model any more.
   */
  closeSummaries(readingNumber = 0): readonly Effect[] {
    this.#effects.length = 0;
    this.#explanations?.end();
    for (const state of this.#assets) {
      const record = state.summary?.close();
      if (record) this.#snapshots.touch(state);
      this.#records.summary(record, readingNumber);
    }
    return this.#effects;
  }

  /**
   * Takes a snapshot of what is held of the assets that changed since the last one, as of this moment. Its effect comes
   * when the windows that are closed now are decided, at once or later. Throws TypeError where one is under way.
   */
  snapshot(now: number): readonly Effect[] {
    this.#effects.length = 0;
    this.#snapshots.begin(this.#queue.nextTicket, now);
    return this.#deliver(now);
  }

  /**
   * Resumes an asset where a snapshot had it; to be called before its first reading. Returns the parts that are reset,
   * because what they depend on is another (`windows`, `summary`, `memory`, `alarm NAME`, or `all`), and `asset` for
   * one that is not the pipeline's.
   */
  restore(asset: string, body: Uint8Array, now: number): readonly string[] {
    const gone = this.#codec.readGone(body);
    if (gone && this.#assets.matches(asset)) {
      this.#assets.remember(asset, gone);
      return [];
    }
    const state = gone ? undefined : this.#assets.of(asset);
    return state ? this.#codec.restore(state, body, now) : ['asset'];
  }

  /**
   * Notes that readings may be missing between those taken and those to come: windows that may lack some say so, with
   * the reason. `restored`: what was decided since the snapshot is missing too, from the running summaries.
   */
  interrupted(reason: string, restored = false): void {
    for (const state of this.#assets) {
      interrupt(state, reason);
      if (restored) state.summary?.interrupted(reason, state.emittedPredictions.from, state.emittedPredictions.until);
      this.#touch(state);
    }
  }

  /**
   * Gives what is held of every asset, for `restore` of a pipeline that resumes here; to be called when nothing waits.
   */
  holdings(now: number): AssetSnapshot[] {
    const gone = Array.from(this.#assets.gone, ([asset, what]) => ({ asset, body: this.#codec.gone(what) }));
    const held = Array.from(this.#assets, (state) => ({
      asset: state.name,
      body: this.#codec.join(this.#codec.windows(state, now), state),
    }));
    return [...gone, ...held];
  }

  /**
   * Explains the last answer about an asset. The explanation is an effect with the number of the request, at once or
   * later; it is empty where the manifest has none, nothing was scored yet, or the model gives no answer.
   */
  explain(asset: string, request: number, now: number): readonly Effect[] {
    this.#effects.length = 0;
    this.#records.answer(this.#assets.get(asset)?.last, request, now);
    return this.#effects;
  }

  /**
   * Notes which records of an asset were emitted before this start, though a snapshot may not know it: the windows move
   * everything on, and nothing is emitted twice. To be called before the asset's first reading.
   */
  emitted({ asset, type, from, until, ties }: EmittedRecords): void {
    const state = this.#assets.of(asset);
    if (!state) return;
    if (type === 'summary') state.summary?.emittedUntil(until);
    else (type === 'alarm' ? state.emittedAlarms : state.emittedPredictions).cover(from, until, ties);
    this.#snapshots.touch(state);
  }

  /** Notes what was told last of an alarm before this start: it stands like that once its asset's times are beyond. */
  tell(asset: string, alarm: string, told: ToldAlarm): void {
    const state = this.#assets.of(asset);
    state?.alarms.find(({ rule }) => rule.name === alarm)?.tell(told);
  }

  /** The severity of the rule of an asset's alarm; undefined where asset or alarm are not this pipeline's. */
  severityOf(asset: string, alarm: string): Severity | undefined {
    return this.#assets.of(asset)?.alarms.find(({ rule }) => rule.name === alarm)?.rule.config.severity;
  }

  /**
   * Follows a clock that was set back: the times of assets whose newest one lies beyond `limit` are of before. Their
   * windows close with what they hold, which gives the reason, and are reset.
   */
  resetBeyond(limit: number, reason: string, now: number): readonly Effect[] {
    this.#effects.length = 0;
    for (const state of this.#assets) {
      for (const watermark of [state.emittedPredictions, state.emittedAlarms]) watermark.resetBeyond(limit);
      state.gateClock.resetBeyond(limit);
      if (state.windows.newest <= limit) continue;
      state.windows.interrupted(reason);
      state.windows.flush();
      this.#closeWindows(state, now, 0);
      resetWindows(state, this.#windowOptions);
      forgetEmitted(state);
      this.#touch(state);
    }
    for (const [asset, { newest }] of this.#assets.gone) if (newest > limit) this.#assets.forget(asset);
    return this.#deliver(now);
  }

  /** Forgets all assets, since the source is not the one that was restored. Returns the assets that are gone. */
  forget(): string[] {
    const names = [...Array.from(this.#assets, ({ name }) => name), ...Array.from(this.#assets.gone, ([name]) => name)];
    this.#assets.clear();
    this.#snapshots.forget();
    return names;
  }

  /** Takes row `row` of a batch as the model's answer for a ticket. */
  complete(ticket: number, batch: OutputBatch, row: number, now: number): readonly Effect[] {
    this.#effects.length = 0;
    if (ticket < 0) this.#explanations?.complete(ticket, batch, row);
    else this.#scoring.complete(ticket, batch, row);
    return this.#deliver(now);
  }

  /** Notes that a ticket gets no answer: its window abstains, with the reason. */
  fail(ticket: number, reason: string, now: number): readonly Effect[] {
    this.#effects.length = 0;
    if (ticket < 0) this.#explanations?.fail(ticket);
    else this.#scoring.fail(ticket, reason);
    return this.#deliver(now);
  }

  /** Windows that its model has to see before it acts in another one's place. */
  get warmUp(): number {
    return this.#recurrence?.warmUp ?? 0;
  }

  /** Names of the assets that it follows. */
  get names(): readonly string[] {
    return Array.from(this.#assets, ({ name }) => name);
  }

  /** Follows another pipeline of its name: see `Begins`. To be called before the first reading. */
  follow(begins: Begins): void {
    this.#handover.follow(begins);
  }

  /** How far the windows of an asset have come; undefined where it has no such asset. */
  extentOf(asset: string): AssetExtent | undefined {
    const state = this.#assets.get(asset);
    if (!state) return undefined;
    const answered = Math.max(state.answered, state.emittedPredictions.last, state.emittedPredictions.until);
    return { answered, oldest: state.windows.oldestBehind(answered), newest: state.windows.newest };
  }

  /** Lends the windows of an asset that is about to be released. */
  lend(asset: string): LentWindows | undefined {
    return this.#handover.lend(asset);
  }

  /** Goes on with windows of the pipeline that it follows: see `Handover.adopt`. */
  adopt(lent: LentWindows): 'adopted' | 'fills' | 'foreign' {
    return this.#handover.adopt(lent);
  }

  /** Lets go of an asset for another pipeline; the effect `left` comes when all its windows are decided. */
  release(asset: string, now: number, readingNumber = 0): readonly Effect[] {
    this.#effects.length = 0;
    this.#handover.release(asset, readingNumber);
    return this.#deliver(now);
  }

  /** Goes on with an asset that the pipeline before has left. */
  takeOver(left: Left, now: number): readonly Effect[] {
    this.#effects.length = 0;
    this.#handover.takeOver(left);
    return this.#deliver(now);
  }

  /** Ends all assets: the pipeline is taken away. Alarms that stand are cleared when all windows are decided. */
  end(now: number): readonly Effect[] {
    this.#effects.length = 0;
    this.#handover.end();
    return this.#deliver(now);
  }

  /** Follows no other pipeline any more. */
  act(): void {
    this.#handover.act();
  }

  #admit(asset: string, now: number, readingNumber: number): AssetState | undefined {
    return this.#assets.admit(asset, (state) => this.#retire(state, now, readingNumber));
  }

  /**
   * Ends what is held of an asset that gives way: its windows close with what they hold, and when they are decided its
   * summary and its alarms end.
   */
  #retire(state: AssetState, now: number, readingNumber: number): Gone {
    this.counts.retired += 1;
    state.windows.flush();
    this.#closeWindows(state, now, readingNumber);
    this.#queue.openEnding(state, readingNumber, 'gone');
    const gone = {
      closed: Math.max(state.windows.closed, state.emittedPredictions.until),
      newest: state.windows.newest,
    };
    this.#snapshots.gone(state.name, gone);
    return gone;
  }

  #take(state: AssetState, t: number, now: number, origin: ReadingOrigin | undefined): void {
    this.counts.readings += 1;
    const outcome = state.windows.push(t, this.#row.values, this.#row.status, now, origin);
    if (outcome !== 'accepted') this.counts[outcome] += 1;
    if (outcome === 'stepped') forgetEmitted(state);
  }

  /** Closes windows of an asset: those that end before `limit`, or, `including` it, by it; all without one. */
  #closeWindows(state: AssetState, now: number, readingNumber: number, limit?: number, including = true): void {
    const { windows } = state;
    for (let window = windows.next(limit, including); window; window = windows.next(limit, including)) {
      const told = this.#handover.admits(state, window);
      if (told) state.answered = window.to;
      else if (this.#recurrence) state.warm += 1;
      else continue;
      this.#touch(state);
      // What a challenger says holds back no place in the source.
      this.#scoring.close(state, window, now, this.#beside === undefined ? readingNumber : 0, !told);
    }
  }

  /** Notes that the next snapshot has the asset; not while another pipeline has it. */
  #touch(state: AssetState): void {
    if (state.stage !== 'following') this.#snapshots.touch(state);
  }

  #deliver(now: number): readonly Effect[] {
    this.#finishSnapshot();
    for (let slot = this.#queue.takeDecided(); slot; slot = this.#queue.takeDecided()) {
      if (slot.ending === 'gone') this.#records.ended(slot.asset, slot.readingNumber, 'quiet');
      else if (slot.ending === 'removed') this.#records.ended(slot.asset, slot.readingNumber, 'removed');
      else if (slot.ending === 'left') this.#records.left(this.#handover.left(slot.asset), slot.readingNumber);
      else if (slot.asset.memory) this.#recurrence?.decide(slot.asset.memory, slot);
      if (slot.silent) this.#effects.push({ kind: 'suppressed', readingNumber: slot.readingNumber });
      else if (slot.verdict) this.#records.decided(slot, slot.verdict, now);
      this.#queue.release(slot);
      this.#finishSnapshot();
    }
    return this.#effects;
  }

  /** Completes the snapshot before any window is decided that closed after it was asked for. */
  #finishSnapshot(): void {
    if (this.#handover.waits || !this.#snapshots.due(this.#queue.headTicket)) return;
    this.#records.follow({ kind: 'snapshot', ...this.#snapshots.finish() });
  }
}

/** Readings have a number where their source has positions: they are recorded. */
function originOf({ again }: Reading, readingNumber: number): ReadingOrigin | undefined {
  if (again) return 'again';
  return readingNumber > 0 ? 'recording' : undefined;
}

import type { ModelIdentity, OutputBatch, Reading, Severity, TensorInfo } from '../../common/core/index.ts';
import type { Answered } from '../decision/index.ts';
import { ABSENT, type ReadingOrigin } from '../windows/index.ts';
import type { ToldAlarm } from './asset/alarms.ts';
import type { EmittedRecords } from './asset/emitted-watermark.ts';
import type { Gone } from './asset/gone.ts';
import type { AssetSnapshot } from './asset/snapshots.ts';
import { type AssetState, beginBehindEmitted, forgetEmitted, interrupt, resetWindows } from './asset/state.ts';
import type { Left } from './asset/takeover.ts';
import type { PipelineCounts } from './outcome/counts.ts';
import type { Effect } from './outcome/effect.ts';
import type { AssetExtent, Begins, LentWindows } from './outcome/handover.ts';
import { createParts, type PipelineOptions, type PipelineParts } from './outcome/parts.ts';
import { createRow, fillRow, type Row } from './reading/binding.ts';
import { bindSamples, placeSample } from './reading/block.ts';
import { originOf } from './reading/origin.ts';
import type { PipelineConfig } from './schema/config.ts';

const NO_EFFECTS: readonly Effect[] = Object.freeze([]);

/**
 * One configured pipeline as a pure machine: readings, times and answers go in, effects come out; `index.ts` says in
 * what order. Every `now` is processing time in ms and must not go backwards.
 */
export class Pipeline {
  readonly name: string;
  readonly identity: ModelIdentity;
  readonly counts: PipelineCounts;
  readonly #config: PipelineConfig;
  readonly #beside: string | undefined;
  readonly #parts: PipelineParts;
  readonly #effects: Effect[];
  readonly #row: Row;

  constructor(options: PipelineOptions) {
    const { name, config, model, beside } = options;
    this.name = name;
    this.identity = model.identity;
    this.#config = config;
    this.#beside = beside;
    this.#parts = createParts(options);
    this.counts = this.#parts.counts;
    this.#effects = this.#parts.effects;
    this.#row = createRow(model.tags.length);
  }

  /**
   * Takes what is known of the model once it is loaded. Throws where the outputs that it declares, or gave to a trial
   * row, cannot carry the manifest's targets.
   */
  checkModel(outputs: readonly TensorInfo[], answered?: Answered): void {
    this.#parts.decider.checkModel(outputs, this.name, answered);
    this.#parts.explainer?.checkModel(outputs, this.name);
  }

  /**
   * Holds the manifest's targets against what the model itself says of trial rows. Throws
   * `decision.output-contradicted`; returns what has to be known, in sentences.
   */
  examine(batch: OutputBatch, rows: number): readonly string[] {
    return this.#parts.decider.examine(batch, rows, this.name);
  }

  /** Number of windows and explanations that wait for their answer. */
  get waiting(): number {
    return this.#parts.queue.length + this.explaining;
  }

  /** Number of windows that wait for the one before them, since what the model gave for that is part of their input. */
  get behind(): number {
    return this.#parts.recurrence?.waiting ?? 0;
  }

  /** Whether the manifest says how answers are explained. */
  get explains(): boolean {
    return this.#parts.explainer !== undefined;
  }

  /** Number of explanations that wait, and of effects that must not overtake them. */
  get explaining(): number {
    return this.#parts.explanations?.waiting ?? 0;
  }

  /** What the configuration overrides in the manifest; undefined for nothing. */
  get overrides(): PipelineConfig['overrides'] {
    return this.#config.overrides;
  }

  /** The threshold in force, by target: the score or positive probability beyond which it is an anomaly. */
  get thresholds(): Readonly<Record<string, number>> {
    return this.#parts.decider.thresholds;
  }

  /** Number of assets that it follows. */
  get assets(): number {
    return this.#parts.assets.size;
  }

  /** Names of some assets that were refused since there are as many as there may be, the newest last. */
  get refused(): readonly string[] {
    return this.#parts.assets.refused;
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
    const state = this.#parts.assets.hear(reading.asset) ?? this.#admit(reading.asset, now, readingNumber);
    if (!state) return NO_EFFECTS;
    this.#touch(state);
    if (reading.attributes) state.attributes = { ...state.binding.attributes, ...reading.attributes };
    const bound = fillRow(reading, state.binding.columns, this.#row, ABSENT, this.counts);
    const samples = bindSamples(reading.block, state.binding.columns, this.counts);
    const origin = originOf(reading, readingNumber);
    if (this.#parts.gate?.admits(state, reading, now, origin) === false) {
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
    const state = this.#parts.assets.get(asset);
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
    this.#parts.assets.tick(now, (state) => this.#retire(state, now, readingNumber));
    for (const state of this.#parts.assets) {
      state.windows.tick(now);
      this.#closeWindows(state, now, readingNumber);
    }
    this.#parts.explanations?.expire(now);
    return this.#deliver(now);
  }

  /** Ends the input: windows that have begun close with what they hold, assets in order of name. */
  flush(now: number, readingNumber = 0): readonly Effect[] {
    this.#effects.length = 0;
    for (const state of [...this.#parts.assets].sort((a, b) => (a.name < b.name ? -1 : 1))) {
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
    this.#parts.explanations?.end();
    for (const state of this.#parts.assets) {
      const record = state.summary?.close();
      if (record) this.#parts.snapshots.touch(state);
      this.#parts.records.summary(record, readingNumber);
    }
    return this.#effects;
  }

  /**
   * Takes a snapshot of what is held of the assets that changed since the last one, as of this moment. Its effect comes
   * when the windows that are closed now are decided, at once or later. Throws TypeError where one is under way.
   */
  snapshot(now: number): readonly Effect[] {
    this.#effects.length = 0;
    this.#parts.snapshots.begin(this.#parts.queue.nextTicket, now);
    return this.#deliver(now);
  }

  /**
   * Resumes an asset where a snapshot had it; to be called before its first reading. Returns the parts that are reset,
   * because what they depend on is another (`windows`, `summary`, `memory`, `alarm NAME`, or `all`), and `asset` for
   * one that is not the pipeline's.
   */
  restore(asset: string, body: Uint8Array, now: number): readonly string[] {
    const gone = this.#parts.codec.readGone(body);
    if (gone && this.#parts.assets.matches(asset)) {
      this.#parts.assets.remember(asset, gone);
      return [];
    }
    const state = gone ? undefined : this.#parts.assets.of(asset);
    return state ? this.#parts.codec.restore(state, body, now) : ['asset'];
  }

  /**
   * Notes that readings may be missing between those taken and those to come: windows that may lack some say so, with
   * the reason. `restored`: what was decided since the snapshot is missing too, from the running summaries.
   */
  interrupted(reason: string, restored = false): void {
    for (const state of this.#parts.assets) {
      interrupt(state, reason);
      if (restored) state.summary?.interrupted(reason, state.emittedPredictions.from, state.emittedPredictions.until);
      this.#touch(state);
    }
  }

  /**
   * Gives what is held of every asset, for `restore` of a pipeline that resumes here; to be called when nothing waits.
   */
  holdings(now: number): AssetSnapshot[] {
    const gone = Array.from(this.#parts.assets.gone, ([asset, what]) => ({
      asset,
      body: this.#parts.codec.gone(what),
    }));
    const held = Array.from(this.#parts.assets, (state) => ({
      asset: state.name,
      body: this.#parts.codec.join(this.#parts.codec.windows(state, now), state),
    }));
    return [...gone, ...held];
  }

  /**
   * Explains the last answer about an asset. The explanation is an effect with the number of the request, at once or
   * later; it is empty where the manifest has none, nothing was scored yet, or the model gives no answer.
   */
  explain(asset: string, request: number, now: number): readonly Effect[] {
    this.#effects.length = 0;
    this.#parts.records.answer(this.#parts.assets.get(asset)?.last, request, now);
    return this.#effects;
  }

  /**
   * Notes which records of an asset were emitted before this start, though a snapshot may not know it: the windows move
   * everything on, and nothing is emitted twice. To be called before the asset's first reading.
   */
  emitted({ asset, type, from, until, ties }: EmittedRecords): void {
    const state = this.#parts.assets.of(asset);
    if (!state) return;
    if (type === 'summary') state.summary?.emittedUntil(until);
    else (type === 'alarm' ? state.emittedAlarms : state.emittedPredictions).cover(from, until, ties);
    this.#parts.snapshots.touch(state);
  }

  /** Notes what was told last of an alarm before this start: it stands like that once its asset's times are beyond. */
  tell(asset: string, alarm: string, told: ToldAlarm): void {
    const state = this.#parts.assets.of(asset);
    state?.alarms.find(({ rule }) => rule.name === alarm)?.tell(told);
  }

  /** The severity of the rule of an asset's alarm; undefined where asset or alarm are not this pipeline's. */
  severityOf(asset: string, alarm: string): Severity | undefined {
    return this.#parts.assets.of(asset)?.alarms.find(({ rule }) => rule.name === alarm)?.rule.config.severity;
  }

  /**
   * Follows a clock that was set back: the times of assets whose newest one lies beyond `limit` are of before. Their
   * windows close with what they hold, which gives the reason, and are reset.
   */
  resetBeyond(limit: number, reason: string, now: number): readonly Effect[] {
    this.#effects.length = 0;
    for (const state of this.#parts.assets) {
      for (const watermark of [state.emittedPredictions, state.emittedAlarms]) watermark.resetBeyond(limit);
      state.gateClock.resetBeyond(limit);
      if (state.windows.newest <= limit) continue;
      state.windows.interrupted(reason);
      state.windows.flush();
      this.#closeWindows(state, now, 0);
      resetWindows(state, this.#parts.windowOptions);
      forgetEmitted(state);
      this.#touch(state);
    }
    for (const [asset, { newest }] of this.#parts.assets.gone) if (newest > limit) this.#parts.assets.forget(asset);
    return this.#deliver(now);
  }

  /** Forgets all assets, since the source is not the one that was restored. Returns the assets that are gone. */
  forget(): string[] {
    const names = [
      ...Array.from(this.#parts.assets, ({ name }) => name),
      ...Array.from(this.#parts.assets.gone, ([name]) => name),
    ];
    this.#parts.assets.clear();
    this.#parts.snapshots.forget();
    return names;
  }

  /** Takes row `row` of a batch as the model's answer for a ticket. */
  complete(ticket: number, batch: OutputBatch, row: number, now: number): readonly Effect[] {
    this.#effects.length = 0;
    if (ticket < 0) this.#parts.explanations?.complete(ticket, batch, row);
    else this.#parts.scoring.complete(ticket, batch, row);
    return this.#deliver(now);
  }

  /** Notes that a ticket gets no answer: its window abstains, with the reason. */
  fail(ticket: number, reason: string, now: number): readonly Effect[] {
    this.#effects.length = 0;
    if (ticket < 0) this.#parts.explanations?.fail(ticket);
    else this.#parts.scoring.fail(ticket, reason);
    return this.#deliver(now);
  }

  /** Windows that its model has to see before it acts in another one's place. */
  get warmUp(): number {
    return this.#parts.recurrence?.warmUp ?? 0;
  }

  /** Names of the assets that it follows. */
  get names(): readonly string[] {
    return Array.from(this.#parts.assets, ({ name }) => name);
  }

  /** Follows another pipeline of its name: see `Begins`. To be called before the first reading. */
  follow(begins: Begins): void {
    this.#parts.handover.follow(begins);
  }

  /** How far the windows of an asset have come; undefined where it has no such asset. */
  extentOf(asset: string): AssetExtent | undefined {
    return this.#parts.handover.extentOf(asset);
  }

  /** Lends the windows of an asset that is about to be released. */
  lend(asset: string): LentWindows | undefined {
    return this.#parts.handover.lend(asset);
  }

  /** Goes on with windows of the pipeline that it follows: see `Handover.adopt`. */
  adopt(lent: LentWindows): 'adopted' | 'fills' | 'foreign' {
    return this.#parts.handover.adopt(lent);
  }

  /** Lets go of an asset for another pipeline; the effect `left` comes when all its windows are decided. */
  release(asset: string, now: number, readingNumber = 0): readonly Effect[] {
    this.#effects.length = 0;
    this.#parts.handover.release(asset, readingNumber);
    return this.#deliver(now);
  }

  /** Goes on with an asset that the pipeline before has left. */
  takeOver(left: Left, now: number): readonly Effect[] {
    this.#effects.length = 0;
    this.#parts.handover.takeOver(left);
    return this.#deliver(now);
  }

  /** Ends all assets: the pipeline is taken away. Alarms that stand are cleared when all windows are decided. */
  end(now: number): readonly Effect[] {
    this.#effects.length = 0;
    this.#parts.handover.end();
    return this.#deliver(now);
  }

  /** Follows no other pipeline any more. */
  act(): void {
    this.#parts.handover.act();
  }

  #admit(asset: string, now: number, readingNumber: number): AssetState | undefined {
    return this.#parts.assets.admit(asset, (state) => this.#retire(state, now, readingNumber));
  }

  /**
   * Ends what is held of an asset that gives way: its windows close with what they hold, and when they are decided its
   * summary and its alarms end.
   */
  #retire(state: AssetState, now: number, readingNumber: number): Gone {
    this.counts.retired += 1;
    state.windows.flush();
    this.#closeWindows(state, now, readingNumber);
    this.#parts.queue.openEnding(state, readingNumber, 'gone');
    const gone = {
      closed: Math.max(state.windows.closed, state.emittedPredictions.until),
      newest: state.windows.newest,
    };
    this.#parts.snapshots.gone(state.name, gone);
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
      const told = this.#parts.handover.admits(state, window);
      if (told) state.answered = window.to;
      else if (this.#parts.recurrence) state.warm += 1;
      else continue;
      this.#touch(state);
      // What a challenger says holds back no place in the source.
      this.#parts.scoring.close(state, window, now, this.#beside === undefined ? readingNumber : 0, !told);
    }
  }

  /** Notes that the next snapshot has the asset; not while another pipeline has it. */
  #touch(state: AssetState): void {
    if (state.stage !== 'following') this.#parts.snapshots.touch(state);
  }

  #deliver(now: number): readonly Effect[] {
    this.#finishSnapshot();
    for (let slot = this.#parts.queue.takeDecided(); slot; slot = this.#parts.queue.takeDecided()) {
      if (slot.ending === 'gone') this.#parts.records.ended(slot.asset, slot.readingNumber, 'quiet');
      else if (slot.ending === 'removed') this.#parts.records.ended(slot.asset, slot.readingNumber, 'removed');
      else if (slot.ending === 'left')
        this.#parts.records.left(this.#parts.handover.left(slot.asset), slot.readingNumber);
      else if (slot.asset.memory) this.#parts.recurrence?.decide(slot.asset.memory, slot);
      if (slot.silent) this.#effects.push({ kind: 'suppressed', readingNumber: slot.readingNumber });
      else if (slot.verdict) this.#parts.records.decided(slot, slot.verdict, now);
      this.#parts.queue.release(slot);
      this.#finishSnapshot();
    }
    return this.#effects;
  }

  /** Completes the snapshot before any window is decided that closed after it was asked for. */
  #finishSnapshot(): void {
    if (this.#parts.handover.waits || !this.#parts.snapshots.due(this.#parts.queue.headTicket)) return;
    this.#parts.records.follow({ kind: 'snapshot', ...this.#parts.snapshots.finish() });
  }
}

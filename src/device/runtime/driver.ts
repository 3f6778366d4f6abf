import type { EdgewrightError, Explanation, OutputBatch, Reading } from '../../common/core/index.ts';
import type { LoadedModel, ModelCallbacks } from '../../scoring/inference/index.ts';
import type { AssetSnapshot, Effect, EndedAlarm, Pipeline, RecordEffect } from '../../scoring/pipeline/index.ts';
import { Explaining } from './explaining.ts';
import { carryAlarms, knownAlarms } from './standing.ts';

/** Windows of a recurrent model that may wait for the ones before them, before sources have to wait for all. */
const MAX_BEHIND = 256;

/** A loaded model; each ticket is answered once, later, over the driver's `answersFor`. */
export type ModelPort = Pick<LoadedModel, 'submit' | 'credit' | 'batchable' | 'engine' | 'stats'>;

export interface Scored {
  readonly pipeline: Pipeline;
  readonly sources: readonly string[];
  readonly model: ModelPort;
}

/** An explanation, and the window that it is about. */
export type ExplanationOf = Explanation & { readonly from: number; readonly to: number };

/** Where the driver puts what its pipelines decide. */
export interface RecordSink {
  /** Gets each record in the order in which its pipeline decided. */
  record(effect: RecordEffect): void;
  /** A window is decided whose record was committed before this start. */
  suppressed?(readingNumber: number): void;
}

/** Gets the snapshot of one pipeline, once it is complete, and the assets of which nothing is held any more. */
export type SnapshotListener = (
  pipeline: string,
  assets: readonly AssetSnapshot[],
  forgotten: readonly string[],
) => void;

interface Arrival {
  readonly reading: Reading;
  readonly readingNumber: number;
  /** Told of what a pipeline threw at it. */
  readonly failed: (error: unknown) => void;
}

/** A pipeline that gives way to another one: it gets no readings any more, but the answers that it waits for. */
interface Handover {
  readonly next: Scored;
  /** Readings that came since, from sources that could not wait: `credit` holds the others. The next one gets them. */
  readonly held: Arrival[];
  readonly done: () => void;
}

/** A pipeline at work, and the one that is to follow it. */
interface Lane {
  scored: Scored;
  handover: Handover | undefined;
}

/** Carries readings into the pipelines, windows to the engine, and records out. Knows neither files nor threads. */
export class Driver {
  readonly #lanes: Lane[] = [];
  readonly #lanesOf = new Map<string, Lane[]>();
  readonly #models = new Map<Pipeline, ModelPort>();
  readonly #sink: RecordSink;
  readonly #now: () => number;
  readonly #ended = new Set<string>();
  readonly #explaining = new Explaining();
  readonly #idle: (() => void)[] = [];
  #onSnapshot: SnapshotListener | undefined;

  constructor(sink: RecordSink, now: () => number) {
    this.#sink = sink;
    this.#now = now;
  }

  /** The pipelines that act, in the order in which they were added. */
  get scored(): readonly Scored[] {
    return this.#lanes.map(({ scored }) => scored);
  }

  get waiting(): number {
    let waiting = 0;
    for (const { scored } of this.#lanes) waiting += scored.pipeline.waiting;
    return waiting;
  }

  /** Adds a pipeline, which gets the readings of its sources from now on. */
  add(scored: Scored): void {
    const lane: Lane = { scored, handover: undefined };
    this.#lanes.push(lane);
    this.#models.set(scored.pipeline, scored.model);
    for (const source of scored.sources) this.#lanesOf.set(source, [...(this.#lanesOf.get(source) ?? []), lane]);
  }

  /** Makes the callbacks over which the engine's answers for a pipeline come back. */
  answersFor(pipeline: Pipeline): ModelCallbacks {
    return {
      onResult: (tickets, batch) => this.complete(pipeline, tickets, batch),
      onFailure: (tickets, error) => this.fail(pipeline, tickets, shortly(error)),
    };
  }

  /**
   * Puts another pipeline, say one with another model, in the place of the one of the same name and sources, between two
   * readings. Windows that have closed are answered by the old one; its summary ends; open windows, debouncing and what was
   * emitted go on in the next one, as after a restart. Readings that come until then are held for the next one, whose records
   * follow those of the old one. Resolves with the old one, when nothing of it waits any more.
   */
  async replace(name: string, next: Scored): Promise<Scored> {
    const lane = this.#lanes.find(({ scored }) => scored.pipeline.name === name);
    if (!lane) throw new TypeError(`no pipeline ${name}`);
    if (lane.handover) throw new TypeError(`${name} is being replaced already`);
    const before = lane.scored;
    await new Promise<void>((done) => {
      lane.handover = { next, held: [], done };
      this.#wake();
    });
    return before;
  }

  /**
   * Returns how many windows the reading closed. A pipeline that throws at it tells `failed`, and the others get it all
   * the same.
   */
  push(source: string, reading: Reading, readingNumber: number, failed: (error: unknown) => void = rethrow): number {
    let closed = 0;
    for (const lane of this.#lanesOf.get(source) ?? []) {
      const arrival = { reading, readingNumber, failed };
      if (lane.handover) lane.handover.held.push(arrival);
      else closed += this.#push(lane, arrival);
    }
    return closed;
  }

  tick(): void {
    this.#forEach((pipeline) => pipeline.tick(this.#now()));
    this.#wake();
  }

  /**
   * The end of a source: what its pipelines have begun is closed; returns how many windows.
   * Pipelines that other sources still feed go on.
   */
  end(source: string, readingNumber: number): number {
    this.#ended.add(source);
    let closed = 0;
    for (const { scored } of this.#lanesOf.get(source) ?? []) {
      if (!scored.sources.every((one) => this.#ended.has(one))) continue;
      closed += this.#perform(scored.pipeline, () => scored.pipeline.flush(this.#now(), readingNumber));
    }
    return closed;
  }

  /** The end of all input. */
  flush(readingNumber: number): void {
    this.#forEach((pipeline) => pipeline.flush(this.#now(), readingNumber));
  }

  closeSummaries(): void {
    this.#forEach((pipeline) => pipeline.closeSummaries());
  }

  complete(pipeline: Pipeline, tickets: ArrayLike<number>, batch: OutputBatch): void {
    const now = this.#now();
    for (let row = 0; row < tickets.length; row += 1) {
      this.#take(pipeline, pipeline.complete(tickets[row] ?? 0, batch, row, now));
    }
    this.#wake();
  }

  fail(pipeline: Pipeline, tickets: ArrayLike<number>, reason: string): void {
    const now = this.#now();
    for (let row = 0; row < tickets.length; row += 1) {
      this.#take(pipeline, pipeline.fail(tickets[row] ?? 0, reason, now));
    }
    this.#wake();
  }

  /** Which sensors the last answer about an asset rests on. Takes its turn behind the alarms that are being explained. */
  async explain(name: string, asset: string): Promise<ExplanationOf | { readonly reason: string }> {
    const pipeline = this.scored.find((entry) => entry.pipeline.name === name)?.pipeline;
    if (!pipeline) {
      return { reason: `no pipeline ${name}; there are ${this.scored.map((one) => one.pipeline.name).join(', ')}` };
    }
    if (!pipeline.explains) return { reason: `the manifest of ${pipeline.identity.name} has no \`explanation\`` };
    const { request, answer } = this.#explaining.ask();
    this.#take(pipeline, pipeline.explain(asset, request, this.#now()));
    const { explanation, window } = await answer;
    if (!window) return { reason: `${name} has no answer about ${asset} since the gateway started` };
    return explanation ? { ...explanation, ...window } : { reason: 'the model gave no answer in time' };
  }

  /** Every pipeline takes a snapshot, as of this moment; each is given to the listener when it is complete. */
  snapshot(listener: SnapshotListener): void {
    this.#onSnapshot = listener;
    this.#forEach((pipeline) => pipeline.snapshot(this.#now()));
  }

  /** Readings of a source may be missing from here on: see `Pipeline.interrupted`. */
  interrupted(source: string, reason: string): void {
    for (const { scored } of this.#lanesOf.get(source) ?? []) scored.pipeline.interrupted(reason);
  }

  /** The clock was set back: see `Pipeline.resetBeyond`. */
  resetBeyond(limit: number, reason: string): void {
    this.#forEach((pipeline) => pipeline.resetBeyond(limit, reason, this.#now()));
  }

  /**
   * A source turned out to be another one than that which was gone on with: its pipelines begin anew. Returns what of them
   * is gone.
   */
  forget(source: string): [pipeline: string, asset: string][] {
    return (this.#lanesOf.get(source) ?? []).flatMap(({ scored: { pipeline } }) =>
      pipeline.forget().map((asset): [string, string] => [pipeline.name, asset]),
    );
  }

  /** Undefined: go on. Otherwise resolves when the engine has room again. */
  credit(): Promise<void> | undefined {
    for (const { scored, handover } of this.#lanes) {
      const full = handover !== undefined || scored.pipeline.behind > MAX_BEHIND;
      const credit =
        scored.model.credit() ?? this.#explaining.credit(scored.pipeline) ?? (full ? this.whenIdle() : undefined);
      if (credit) return credit;
    }
    return undefined;
  }

  /** Resolves when no window waits for the engine. */
  async whenIdle(): Promise<void> {
    if (this.waiting > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #push({ scored: { pipeline } }: Lane, { reading, readingNumber, failed }: Arrival): number {
    return this.#perform(pipeline, () => {
      try {
        return pipeline.push(reading, this.#now(), readingNumber);
      } catch (error) {
        failed(error);
        return pipeline.undelivered(this.#now());
      }
    });
  }

  /** Returns how many windows the step closed. */
  #perform(pipeline: Pipeline, step: () => readonly Effect[]): number {
    const before = pipeline.counts.windows;
    this.#take(pipeline, step());
    return pipeline.counts.windows - before;
  }

  #forEach(step: (pipeline: Pipeline) => readonly Effect[]): void {
    for (const { scored } of this.#lanes) this.#take(scored.pipeline, step(scored.pipeline));
  }

  #take(pipeline: Pipeline, effects: readonly Effect[]): void {
    const model = this.#models.get(pipeline);
    for (const effect of effects) if (effect.kind === 'infer') model?.submit(effect.vector, effect.ticket);
    for (const effect of effects) {
      if (effect.kind === 'record') this.#sink.record(effect);
      else if (effect.kind === 'suppressed') this.#sink.suppressed?.(effect.readingNumber);
      else if (effect.kind === 'snapshot') this.#onSnapshot?.(pipeline.name, effect.assets, effect.forgotten);
      else if (effect.kind === 'explanation') this.#explaining.answer(effect);
    }
  }

  /** Nothing of the old pipeline waits any more: the next one goes on with what it holds. */
  #handOver(lane: Lane, { next, held, done }: Handover): void {
    const before = lane.scored.pipeline;
    const now = this.#now();
    this.#take(before, before.closeSummaries());
    for (const record of goOn(before, next.pipeline, now))
      this.#sink.record({ kind: 'record', record, readingNumber: 0 });
    this.#models.delete(before);
    this.#models.set(next.pipeline, next.model);
    lane.scored = next;
    lane.handover = undefined;
    for (const arrival of held) this.#push(lane, arrival);
    done();
  }

  #wake(): void {
    for (const lane of this.#lanes) {
      const { scored, handover } = lane;
      if (handover && scored.pipeline.waiting === 0) this.#handOver(lane, handover);
    }
    this.#explaining.wake(this.#models.keys());
    if (this.#idle.length === 0 || this.waiting > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** Gives what a pipeline holds to the next one; returns the records that end alarms with which that one does not go on. */
function goOn(before: Pipeline, next: Pipeline, now: number): EndedAlarm[] {
  const holdings = before.holdings(now);
  const reset = new Map(holdings.map(({ asset, body }) => [asset, next.restore(asset, body, now)]));
  const snapshots = holdings.map((snapshot) => ({ ...snapshot, pipeline: before.name }));
  const known = knownAlarms(snapshots, { watermarks: [], alarms: [] });
  return carryAlarms(known, new Map([[before.name, next]]), (_, asset) => reset.get(asset) ?? []);
}

function rethrow(error: unknown): never {
  throw error;
}

/** Shortens a failure to what a record says of it: no values, so that there are few reasons to count. */
const shortly = ({ code, path }: EdgewrightError) => (path === undefined ? code : `${code}: ${path}`);

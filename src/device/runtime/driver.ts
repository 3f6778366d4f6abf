import type { EdgewrightError, Explanation, OutputBatch, Reading } from '../../common/core/index.ts';
import type { ModelCallbacks } from '../../scoring/inference/index.ts';
import type {
  AssetSnapshot,
  Effect,
  Left,
  Pipeline,
  RecordEffect,
  SnapshotEffect,
} from '../../scoring/pipeline/index.ts';
import { Explaining } from './explaining.ts';
import { allOf, type Change, type Lane, type ModelPort, pipelinesOf, type Scored, windowsOf } from './lane.ts';
import { Succession } from './succession.ts';

export type { ModelPort, Scored } from './lane.ts';

/** Windows of a recurrent model that may wait for the ones before them, before sources have to wait for all. */
const MAX_BEHIND = 256;

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

/** Carries readings into the pipelines, windows to the engine, and records out. Knows neither files nor threads. */
export class Driver {
  readonly #lanes: Lane[] = [];
  readonly #lanesOf = new Map<string, Lane[]>();
  readonly #models = new Map<Pipeline, { readonly model: ModelPort; readonly lane: Lane }>();
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

  /** Changes of what acts that are under way, by pipeline: what comes, and how many assets it waits for. */
  get changes(): ReadonlyMap<string, { readonly next: Scored; readonly left: number }> {
    const under = this.#lanes.flatMap(({ scored, change }) =>
      change ? [[scored.pipeline.name, { next: change.next, left: change.succession.left }] as const] : [],
    );
    return new Map(under);
  }

  /** The pipelines that run beside those that act. */
  get challengers(): readonly Scored[] {
    return this.#lanes.flatMap(({ challenger }) => challenger ?? []);
  }

  get waiting(): number {
    let waiting = 0;
    for (const pipeline of this.#models.keys()) waiting += pipeline.waiting;
    return waiting;
  }

  /** Adds a pipeline, which gets the readings of its sources from now on. */
  add(scored: Scored): void {
    const lane: Lane = {
      scored,
      change: undefined,
      ended: undefined,
      challenger: undefined,
      snapshot: { assets: [], forgotten: [], missing: 0 },
    };
    this.#lanes.push(lane);
    this.#models.set(scored.pipeline, { model: scored.model, lane });
    this.#route(lane);
  }

  /**
   * Takes a pipeline away: the windows that it has closed are answered, alarms that stand are cleared, its summaries end.
   * Resolves with it when that is told. Throws TypeError where there is none of the name, or it is being replaced.
   */
  async remove(name: string): Promise<Scored> {
    const lane = this.#laneOf(name);
    if (lane.change) throw new TypeError(`${name} is being replaced`);
    const { scored } = lane;
    for (const [source, lanes] of this.#lanesOf)
      this.#lanesOf.set(
        source,
        lanes.filter((one) => one !== lane),
      );
    this.#take(scored.pipeline, scored.pipeline.end(this.#now()));
    await new Promise<void>((done) => {
      lane.ended = done;
      this.#wake();
    });
    return scored;
  }

  /** Makes the callbacks over which the engine's answers for a pipeline come back. */
  answersFor(pipeline: Pipeline): ModelCallbacks {
    return {
      onResult: (tickets, batch) => this.complete(pipeline, tickets, batch),
      onFailure: (tickets, error) => this.fail(pipeline, tickets, shortly(error)),
    };
  }

  /**
   * Puts another pipeline, say one with another model, in the place of the one of the same name, between two readings: see
   * `Succession`. Resolves with the old one, when nothing is left for it to do.
   */
  async replace(name: string, next: Scored): Promise<Scored> {
    const lane = this.#laneOf(name);
    if (lane.change) throw new TypeError(`${name} is being replaced already`);
    this.#models.set(next.pipeline, { model: next.model, lane });
    return new Promise((done) => {
      const perform = (pipeline: Pipeline, step: () => readonly Effect[]) => void this.#perform(pipeline, step);
      const succession = new Succession(lane.scored.pipeline, next.pipeline, perform, this.#now);
      lane.change = { next, succession, done };
      this.#route(lane);
      succession.begin();
      this.#wake();
    });
  }

  /**
   * Has a pipeline that was made with `beside` run beside the one of its name, on the same readings from now on, in the
   * place of the challenger before; undefined for none. Nothing waits for it: what its model cannot take abstains. Returns
   * the one before.
   */
  challenge(name: string, challenger: Scored | undefined): Scored | undefined {
    const lane = this.#laneOf(name);
    const before = lane.challenger;
    if (before) this.#models.delete(before.pipeline);
    if (challenger) this.#models.set(challenger.pipeline, { model: challenger.model, lane });
    lane.challenger = challenger;
    return before;
  }

  /** Ends a change that waits for assets: these begin anew. Returns their names. */
  finishChange(name: string): readonly string[] {
    const anew = this.#laneOf(name).change?.succession.finish() ?? [];
    this.#wake();
    return anew;
  }

  /**
   * Returns how many windows the reading closed. A pipeline that throws at it tells `failed`, and the others get it all
   * the same.
   */
  push(source: string, reading: Reading, readingNumber: number, failed: (error: unknown) => void = rethrow): number {
    let closed = 0;
    for (const lane of this.#lanesOf.get(source) ?? []) {
      const arrival = { reading, readingNumber, failed };
      const { scored, change } = lane;
      if (change) {
        const before = windowsOf(lane);
        change.succession.push(reading, readingNumber, (pipeline, limit) => {
          const { sources } = pipeline === scored.pipeline ? scored : change.next;
          if (sources.includes(source)) this.#push(pipeline, arrival, limit);
        });
        closed += windowsOf(lane) - before;
      } else closed += this.#push(scored.pipeline, arrival);
      if (lane.challenger) this.#push(lane.challenger.pipeline, arrival);
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
    for (const lane of this.#lanesOf.get(source) ?? []) {
      if (!lane.scored.sources.every((one) => this.#ended.has(one))) continue;
      const before = windowsOf(lane);
      this.#step(lane, (pipeline) => pipeline.flush(this.#now(), readingNumber));
      closed += windowsOf(lane) - before;
    }
    return closed;
  }

  /** A source that had ended gives readings again. */
  begin(source: string): void {
    this.#ended.delete(source);
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
    for (const lane of this.#lanes) {
      lane.snapshot = { assets: [], forgotten: [], missing: lane.change ? 2 : 1 };
      for (const pipeline of pipelinesOf(lane)) this.#take(pipeline, pipeline.snapshot(this.#now()));
    }
  }

  /** Readings of a source may be missing from here on: see `Pipeline.interrupted`. */
  interrupted(source: string, reason: string): void {
    for (const lane of this.#lanesOf.get(source) ?? []) {
      for (const pipeline of allOf(lane)) pipeline.interrupted(reason);
    }
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
    return (this.#lanesOf.get(source) ?? [])
      .flatMap(allOf)
      .flatMap((pipeline) => pipeline.forget().map((asset): [string, string] => [pipeline.name, asset]));
  }

  /** Undefined: go on. Otherwise resolves when the engine has room again. */
  credit(): Promise<void> | undefined {
    for (const [pipeline, { model, lane }] of this.#models) {
      if (pipeline === lane.challenger?.pipeline) continue;
      const full = pipeline.behind > MAX_BEHIND;
      const credit = model.credit() ?? this.#explaining.credit(pipeline) ?? (full ? this.whenIdle() : undefined);
      if (credit) return credit;
    }
    return undefined;
  }

  /** Resolves when no window waits for the engine. */
  async whenIdle(): Promise<void> {
    if (this.waiting > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #laneOf(name: string): Lane {
    const lane = this.#lanes.find(({ scored, ended }) => scored.pipeline.name === name && !ended);
    if (!lane) throw new TypeError(`no pipeline ${name}`);
    return lane;
  }

  /** Has a lane get the readings of its sources, and of no other. */
  #route(lane: Lane): void {
    const sources = [...lane.scored.sources, ...(lane.change?.next.sources ?? [])];
    for (const [source, lanes] of this.#lanesOf) {
      if (!sources.includes(source))
        this.#lanesOf.set(
          source,
          lanes.filter((one) => one !== lane),
        );
    }
    for (const source of sources) {
      const lanes = this.#lanesOf.get(source) ?? [];
      if (!lanes.includes(lane)) this.#lanesOf.set(source, [...lanes, lane]);
    }
  }

  #discard(lane: Lane, ended: () => void): void {
    this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    this.#models.delete(lane.scored.pipeline);
    if (lane.challenger) this.#models.delete(lane.challenger.pipeline);
    ended();
  }

  #push(pipeline: Pipeline, { reading, readingNumber, failed }: Arrival, limit?: number): number {
    return this.#perform(pipeline, () => {
      try {
        return pipeline.push(reading, this.#now(), readingNumber, limit);
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

  #step(lane: Lane, step: (pipeline: Pipeline) => readonly Effect[]): void {
    if (lane.change) lane.change.succession.step(step);
    else this.#take(lane.scored.pipeline, step(lane.scored.pipeline));
    if (lane.challenger) this.#take(lane.challenger.pipeline, step(lane.challenger.pipeline));
  }

  #forEach(step: (pipeline: Pipeline) => readonly Effect[]): void {
    for (const lane of this.#lanes) this.#step(lane, step);
  }

  #take(pipeline: Pipeline, effects: readonly Effect[]): void {
    const at = this.#models.get(pipeline);
    for (const effect of effects) if (effect.kind === 'infer') at?.model.submit(effect.vector, effect.ticket);
    let left: Left[] | undefined;
    for (const effect of effects) {
      if (effect.kind === 'record') this.#sink.record(effect);
      else if (effect.kind === 'suppressed') this.#sink.suppressed?.(effect.readingNumber);
      else if (effect.kind === 'snapshot') this.#taken(at?.lane, effect);
      else if (effect.kind === 'explanation') this.#explaining.answer(effect);
      else if (effect.kind === 'left') left = [...(left ?? []), effect.left];
    }
    for (const one of left ?? []) at?.lane.change?.succession.tookLeave(one);
  }

  /** A pipeline has taken its snapshot; where two share the assets, both have to. */
  #taken(lane: Lane | undefined, { assets, forgotten }: SnapshotEffect): void {
    if (!lane) return;
    const { snapshot } = lane;
    snapshot.assets.push(...assets);
    snapshot.forgotten.push(...forgotten);
    snapshot.missing -= 1;
    if (snapshot.missing === 0) this.#onSnapshot?.(lane.scored.pipeline.name, snapshot.assets, snapshot.forgotten);
  }

  /** The old pipeline has told all that it has to tell. */
  #complete(lane: Lane, { next, done }: Change): void {
    const before = lane.scored;
    this.#models.delete(before.pipeline);
    lane.scored = next;
    lane.change = undefined;
    this.#route(lane);
    next.pipeline.act();
    done(before);
  }

  #wake(): void {
    for (const lane of [...this.#lanes]) {
      if (lane.change?.succession.done) this.#complete(lane, lane.change);
      if (lane.ended && lane.scored.pipeline.waiting === 0) this.#discard(lane, lane.ended);
    }
    this.#explaining.wake(this.#models.keys());
    if (this.#idle.length === 0 || this.waiting > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function rethrow(error: unknown): never {
  throw error;
}

/** Shortens a failure to what a record says of it: no values, so that there are few reasons to count. */
const shortly = ({ code, path }: EdgewrightError) => (path === undefined ? code : `${code}: ${path}`);

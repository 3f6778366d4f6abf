import type { Explanation, OutputBatch, Reading } from '../../common/core/index.ts';
import type { LoadedModel } from '../../scoring/inference/index.ts';
import type { AssetSnapshot, Effect, ExplanationEffect, Pipeline, RecordEffect } from '../../scoring/pipeline/index.ts';

/** A loaded model; each ticket is answered once, later, by `complete` or `fail` of the driver. */
export type ModelPort = Pick<LoadedModel, 'submit' | 'credit' | 'batchable' | 'engine' | 'stats'>;

export interface Scored {
  readonly pipeline: Pipeline;
  readonly sources: readonly string[];
  readonly model: ModelPort;
}

/** An explanation, and the window that it is about. */
export type ExplanationOf = Explanation & { readonly from: number; readonly to: number };

/** Explanations that may wait before sources have to. */
const MAX_EXPLAINING = 32;

/** Gets each record in the order in which its pipeline decided. */
export type RecordListener = (effect: RecordEffect) => void;

export interface DriverListeners {
  readonly onRecord: RecordListener;
  /** A window that was told before this start is decided. */
  readonly onTold?: (cause: number) => void;
  /** A snapshot that was asked for is complete. */
  readonly onSnapshot?: (pipeline: string, assets: readonly AssetSnapshot[]) => void;
}

/** Carries readings into the pipelines, windows to the engine, and records out. Knows neither files nor threads. */
export class Driver {
  readonly #scored: readonly Scored[];
  readonly #models: ReadonlyMap<Pipeline, ModelPort>;
  readonly #bySource = new Map<string, Scored[]>();
  readonly #listeners: DriverListeners;
  readonly #now: () => number;
  readonly #ended = new Set<string>();
  readonly #idle: (() => void)[] = [];
  readonly #explained: (() => void)[] = [];
  readonly #requests = new Map<number, (effect: ExplanationEffect) => void>();
  #request = 0;

  constructor(scored: readonly Scored[], listeners: DriverListeners, now: () => number) {
    this.#scored = scored;
    this.#models = new Map(scored.map(({ pipeline, model }) => [pipeline, model]));
    this.#listeners = listeners;
    this.#now = now;
    for (const entry of scored) {
      for (const source of entry.sources) this.#bySource.set(source, [...(this.#bySource.get(source) ?? []), entry]);
    }
  }

  get waiting(): number {
    let waiting = 0;
    for (const { pipeline } of this.#scored) waiting += pipeline.waiting;
    return waiting;
  }

  /** Returns how many windows the reading closed. */
  push(source: string, reading: Reading, cause: number): number {
    let closed = 0;
    for (const entry of this.#bySource.get(source) ?? []) {
      closed += this.#perform(entry, (pipeline) => pipeline.push(reading, this.#now(), cause));
    }
    return closed;
  }

  tick(): void {
    for (const entry of this.#scored) this.#perform(entry, (pipeline) => pipeline.tick(this.#now()));
    this.#wake();
  }

  /**
   * The end of a source: what its pipelines have begun is closed; returns how many windows.
   * Pipelines that other sources still feed go on.
   */
  end(source: string, cause: number): number {
    this.#ended.add(source);
    let closed = 0;
    for (const entry of this.#bySource.get(source) ?? []) {
      if (!entry.sources.every((one) => this.#ended.has(one))) continue;
      closed += this.#perform(entry, (pipeline) => pipeline.flush(this.#now(), cause));
    }
    return closed;
  }

  /** The end of all input. */
  flush(cause: number): void {
    for (const entry of this.#scored) this.#perform(entry, (pipeline) => pipeline.flush(this.#now(), cause));
  }

  closeSummaries(): void {
    for (const entry of this.#scored) this.#perform(entry, (pipeline) => pipeline.closeSummaries());
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
    const pipeline = this.#scored.find((entry) => entry.pipeline.name === name)?.pipeline;
    if (!pipeline) {
      return { reason: `no pipeline ${name}; there are ${this.#scored.map((one) => one.pipeline.name).join(', ')}` };
    }
    if (!pipeline.explains) return { reason: `the manifest of ${pipeline.identity.name} has no \`explanation\`` };
    this.#request += 1;
    const request = this.#request;
    const answer = new Promise<ExplanationEffect>((resolve) => this.#requests.set(request, resolve));
    this.#take(pipeline, pipeline.explain(asset, request, this.#now()));
    const { explanation, window } = await answer;
    if (!window) return { reason: `${name} has no answer about ${asset} since the gateway started` };
    return explanation ? { ...explanation, ...window } : { reason: 'the model gave no answer in time' };
  }

  /** Every pipeline takes a snapshot, as of this moment; each tells when its own is complete. */
  snapshot(): void {
    for (const entry of this.#scored) this.#perform(entry, (pipeline) => pipeline.snapshot(this.#now()));
  }

  /** The clock was set back: see `Pipeline.resetBeyond`. */
  resetBeyond(limit: number, reason: string): void {
    for (const entry of this.#scored) {
      this.#perform(entry, (pipeline) => pipeline.resetBeyond(limit, reason, this.#now()));
    }
  }

  /**
   * A source turned out to be another one than that which was gone on with: its pipelines begin anew. Returns what of them
   * is gone.
   */
  forget(source: string): [pipeline: string, asset: string][] {
    return (this.#bySource.get(source) ?? []).flatMap(({ pipeline }) =>
      pipeline.forget().map((asset): [string, string] => [pipeline.name, asset]),
    );
  }

  /** Undefined: go on. Otherwise resolves when the engine has room again. */
  credit(): Promise<void> | undefined {
    for (const { model, pipeline } of this.#scored) {
      const credit = model.credit() ?? (pipeline.explaining > MAX_EXPLAINING ? this.#whenExplained() : undefined);
      if (credit) return credit;
    }
    return undefined;
  }

  /** Resolves when no window waits for the engine. */
  async whenIdle(): Promise<void> {
    if (this.waiting > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #perform({ pipeline }: Scored, step: (pipeline: Pipeline) => readonly Effect[]): number {
    const before = pipeline.counts.windows;
    this.#take(pipeline, step(pipeline));
    return pipeline.counts.windows - before;
  }

  #take(pipeline: Pipeline, effects: readonly Effect[]): void {
    const model = this.#models.get(pipeline);
    for (const effect of effects) if (effect.kind === 'infer') model?.submit(effect.vector, effect.ticket);
    const { onRecord, onTold, onSnapshot } = this.#listeners;
    for (const effect of effects) {
      if (effect.kind === 'record') onRecord(effect);
      else if (effect.kind === 'told') onTold?.(effect.cause);
      else if (effect.kind === 'snapshot') onSnapshot?.(pipeline.name, effect.assets);
      else if (effect.kind === 'explanation') this.#answer(effect);
    }
  }

  #answer(effect: ExplanationEffect): void {
    this.#requests.get(effect.request)?.(effect);
    this.#requests.delete(effect.request);
  }

  #whenExplained(): Promise<void> {
    return new Promise((resolve) => this.#explained.push(resolve));
  }

  #wake(): void {
    if (this.#explained.length > 0 && this.#scored.every(({ pipeline }) => pipeline.explaining <= MAX_EXPLAINING / 2))
      for (const resolve of this.#explained.splice(0)) resolve();
    if (this.#idle.length === 0 || this.waiting > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

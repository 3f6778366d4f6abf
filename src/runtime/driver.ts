import type { OutputBatch, Reading } from '../core/index.ts';
import type { LoadedModel } from '../inference/index.ts';
import type { Effect, Pipeline, RecordEffect } from '../pipeline/index.ts';

/** A loaded model; each ticket is answered once, later, by `complete` or `fail` of the driver. */
export type ModelPort = Pick<LoadedModel, 'submit' | 'credit' | 'batchable' | 'engine' | 'stats'>;

export interface Scored {
  readonly pipeline: Pipeline;
  readonly sources: readonly string[];
  readonly model: ModelPort;
}

/** Gets each record in the order in which its pipeline decided. */
export type RecordListener = (effect: RecordEffect) => void;

/** Carries readings into the pipelines, windows to the engine, and records out. Knows neither files nor threads. */
export class Driver {
  readonly #scored: readonly Scored[];
  readonly #bySource = new Map<string, Scored[]>();
  readonly #onRecord: RecordListener;
  readonly #now: () => number;
  readonly #ended = new Set<string>();
  readonly #idle: (() => void)[] = [];

  constructor(scored: readonly Scored[], onRecord: RecordListener, now: () => number) {
    this.#scored = scored;
    this.#onRecord = onRecord;
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
      this.#report(pipeline.complete(tickets[row] ?? -1, batch, row, now));
    }
    this.#wake();
  }

  fail(pipeline: Pipeline, tickets: ArrayLike<number>, reason: string): void {
    const now = this.#now();
    for (let row = 0; row < tickets.length; row += 1) this.#report(pipeline.fail(tickets[row] ?? -1, reason, now));
    this.#wake();
  }

  /** Undefined: go on. Otherwise resolves when the engine has room again. */
  credit(): Promise<void> | undefined {
    for (const { model } of this.#scored) {
      const credit = model.credit();
      if (credit) return credit;
    }
    return undefined;
  }

  /** Resolves when no window waits for the engine. */
  async whenIdle(): Promise<void> {
    if (this.waiting > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #perform({ pipeline, model }: Scored, step: (pipeline: Pipeline) => readonly Effect[]): number {
    const before = pipeline.counts.windows;
    const effects = step(pipeline);
    for (const effect of effects) {
      if (effect.kind === 'infer') model.submit(effect.vector, effect.ticket);
    }
    this.#report(effects);
    return pipeline.counts.windows - before;
  }

  #report(effects: readonly Effect[]): void {
    for (const effect of effects) if (effect.kind === 'record') this.#onRecord(effect);
  }

  #wake(): void {
    if (this.#idle.length === 0 || this.waiting > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

import type { Clock, EdgewrightError } from '../../../common/core/index.ts';
import { inputMismatch, overloaded, runFailed } from '../engine/errors.ts';
import { type Answer, type Binding, fromWire, numberBytes } from '../worker/messages.ts';
import type { ModelWorker } from '../worker/model-worker.ts';
import type { WorkerPool } from '../worker/worker-pool.ts';
import { type Batch, BatchFactory, dropRows } from './batch-factory.ts';
import type { ModelCallbacks } from './loaded-model.ts';

/**
 * Most batches per worker on their way: one at work and one waiting, so that a worker never idles while answers travel.
 */
const DEPTH = 2;
/** Batches per worker, filling or full, beyond which credit is withheld. */
const CREDIT_BATCHES = 8;
/** Bytes of rows that may wait, whatever the credit. */
const MAX_WAITING_BYTES = 64 * 2 ** 20;

/** Settings of a queue, and the pool that works for it. */
export interface QueueOptions extends ModelCallbacks {
  readonly name: string;
  readonly binding: Binding;
  readonly pool: WorkerPool;
  readonly clock: Clock;
  /** Milliseconds that a batch may wait for more rows; 0: until this turn of the event loop ends. */
  readonly wait: number;
  readonly workers: number;
  /** Milliseconds that one run may take. */
  readonly deadline: number;
}

/** Gathers rows into batches and sends these to the workers of a pool. */
export class BatchQueue {
  readonly #options: QueueOptions;
  readonly #factory: BatchFactory;
  readonly #full: Batch[] = [];
  readonly #creditRows: number;
  readonly #maxRows: number;
  #open: Batch | undefined;
  /** True: the open batch has waited for more rows long enough, and goes as soon as a worker is free. */
  #due = false;
  #scheduled = false;
  #draining = false;
  #pending = 0;
  #refusal: EdgewrightError | undefined;
  #refused: { readonly ticket: number; readonly error: EdgewrightError }[] = [];
  #waiters: { readonly below: number; readonly resolve: () => void }[] = [];
  #counts = { batches: 0, rows: 0, failures: 0 };

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#factory = new BatchFactory(options.binding);
    this.#creditRows = options.binding.size * options.workers * CREDIT_BATCHES;
    const rowBytes = this.#factory.width * numberBytes(options.binding);
    this.#maxRows = Math.max(4 * this.#creditRows, Math.floor(MAX_WAITING_BYTES / rowBytes));
  }

  /** Rows without an answer. */
  get pending(): number {
    return this.#pending;
  }

  /** Totals since the model was loaded. */
  get counts(): Readonly<{ batches: number; rows: number; failures: number }> {
    return this.#counts;
  }

  /** Takes a row, see LoadedModel. Throws `inference.input-mismatch` for one of another width. */
  submit(vector: Float64Array, ticket: number): void {
    const { name, binding } = this.#options;
    const { width } = this.#factory;
    if (vector.length !== width) throw inputMismatch(name, `expected ${width} values, got ${vector.length}`);
    const refusal = this.#refusal ?? this.#overload();
    if (refusal !== undefined) {
      this.#refuse(ticket, refusal);
      return;
    }
    const batch = this.#open ?? this.#begin();
    batch.input.set(vector, batch.rows * width);
    batch.tickets[batch.rows] = ticket;
    batch.rows += 1;
    this.#pending += 1;
    if (batch.rows < binding.size) return;
    this.#open = undefined;
    this.#full.push(batch);
    this.dispatch();
  }

  /** Undefined while there is room, else resolves when half of it is free. */
  credit(): Promise<void> | undefined {
    return this.#pending < this.#creditRows ? undefined : this.#below(this.#creditRows / 2);
  }

  /** Sends the open batch at once and resolves when no row is pending. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.dispatch();
    await this.#below(1);
    this.#draining = false;
  }

  /** Sends batches that are full or due, as long as workers are free for them. */
  dispatch(): void {
    for (;;) {
      const full = this.#full[0];
      const batch = full ?? (this.#due || this.#draining ? this.#open : undefined);
      const worker = batch === undefined ? undefined : this.#options.pool.pick(full === undefined ? 1 : DEPTH);
      if (batch === undefined || worker === undefined) return;
      if (full === undefined) this.#open = undefined;
      else this.#full.shift();
      this.#send(batch, worker);
    }
  }

  /** Fails every ticket with `error`, those that wait and those that come from now on. */
  refuse(error: EdgewrightError): void {
    this.#refusal ??= error;
    const waiting = this.#open === undefined ? this.#full.splice(0) : [...this.#full.splice(0), this.#open];
    this.#open = undefined;
    for (const batch of waiting) this.#onFailed(batch, error);
  }

  #begin(): Batch {
    const batch = this.#factory.open(this.#options.clock.monotonic());
    this.#open = batch;
    this.#due = false;
    if (!this.#scheduled) this.#schedule(this.#options.wait);
    return batch;
  }

  /** Sets the one timer. Where its batch has left when it fires, it is set again for the batch that came since. */
  #schedule(wait: number): void {
    this.#scheduled = true;
    if (wait === 0) setImmediate(() => this.#onTime());
    else setTimeout(() => this.#onTime(), wait);
  }

  #onTime(): void {
    this.#scheduled = false;
    if (this.#open === undefined || this.#due) return;
    const { clock, wait } = this.#options;
    const left = this.#open.since + wait - clock.monotonic();
    if (wait > 0 && left > 0) {
      this.#schedule(left);
      return;
    }
    this.#due = true;
    this.dispatch();
  }

  #send(batch: Batch, worker: ModelWorker): void {
    const { rows, buffer } = batch;
    this.#counts.batches += 1;
    worker.post({
      work: { kind: 'batch', rows, buffer },
      transfer: [buffer],
      deadline: this.#options.deadline,
      done: (answer) => this.#onAnswer(batch, answer),
      failed: (error) => this.#onFailed(batch, error),
    });
  }

  #onAnswer(batch: Batch, answer: Answer): void {
    const { name, onResult, onFailure } = this.#options;
    if (!('buffer' in answer)) {
      this.#onFailed(batch, runFailed(name, 'an answer without outputs'));
      return;
    }
    this.dispatch();
    const { tickets } = batch;
    const failed = answer.failed ?? [];
    const outputs = this.#factory.outputs(answer.buffer, batch.rows);
    this.#settle(batch.rows, failed.length);
    if (failed.length > 0) {
      const error = answer.error === undefined ? undefined : fromWire(name, answer.error);
      onFailure(
        Float64Array.from(failed, (row) => tickets[row] ?? 0),
        error ?? runFailed(name, 'no reason given'),
      );
    }
    const rows = failed.length === 0 ? batch.rows : dropRows(outputs, tickets, batch.rows, failed);
    const kept = rows === batch.rows ? outputs : this.#factory.outputs(answer.buffer, rows);
    if (rows > 0) onResult(tickets.subarray(0, rows), kept);
    this.#factory.recycle(answer.buffer, tickets);
  }

  #onFailed({ rows, tickets }: Batch, error: EdgewrightError): void {
    this.#settle(rows, rows);
    this.#options.onFailure(tickets.subarray(0, rows), error);
    this.#factory.recycle(undefined, tickets);
  }

  #overload(): EdgewrightError | undefined {
    if (this.#pending < this.#maxRows) return undefined;
    return overloaded(this.#options.name, `${this.#pending} inputs wait for an answer`);
  }

  #refuse(ticket: number, error: EdgewrightError): void {
    this.#pending += 1;
    if (this.#refused.push({ ticket, error }) > 1) return;
    setImmediate(() => {
      for (const { ticket, error } of this.#refused.splice(0)) {
        this.#settle(1, 1);
        this.#options.onFailure(Float64Array.of(ticket), error);
      }
    });
  }

  #settle(rows: number, failures: number): void {
    this.#pending -= rows;
    this.#counts.rows += rows;
    this.#counts.failures += failures;
    if (this.#waiters.length === 0) return;
    const free = this.#waiters.filter(({ below }) => this.#pending < below);
    this.#waiters = this.#waiters.filter(({ below }) => this.#pending >= below);
    for (const { resolve } of free) resolve();
  }

  #below(below: number): Promise<void> {
    if (this.#pending < below) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ below, resolve }));
  }
}

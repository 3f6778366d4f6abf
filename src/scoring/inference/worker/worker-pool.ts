import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, EdgewrightError, type Logger, reasonOf } from '../../../common/core/index.ts';
import { modelFailed, workerCrashed } from '../engine/errors.ts';
import type { Host, NewWorker } from './host.ts';
import type { ModelWorker } from './model-worker.ts';
import type { RestartBudget } from './restart-budget.ts';

/** Host and settings with which a pool starts its workers. */
export interface WorkerPoolOptions extends Pick<NewWorker, 'name' | 'normalizesStrings' | 'shortestDeadline'> {
  readonly host: Host;
  readonly budget: RestartBudget;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Called when a worker is ready to work, a first or a replaced one. */
  readonly onReady: () => void;
  /** Called once, when no restart is left and the pool has ended. */
  readonly onFailed: (error: EdgewrightError) => void;
}

/** Loads what a worker has to have before it may work. */
export type LoadWorker = (worker: ModelWorker) => Promise<void>;

/** Workers of one model. One that dies is replaced until the restart budget is used up. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #workers: ModelWorker[] = [];
  /** Workers that are still loading. */
  readonly #coming = new Set<ModelWorker>();
  #load: LoadWorker | undefined;
  #restarts = 0;
  readonly #ending = new AbortController();
  #failed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Number of workers that were replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** True once the restarts are used up. */
  get failed(): boolean {
    return this.#failed;
  }

  /** True once the pool has ended, by `end` or because it failed. */
  get ended(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Number of workers that are ready. */
  get size(): number {
    return this.#workers.length;
  }

  /** Starts a worker that is not trusted yet: whoever loads it is told of its death, and nobody replaces it. */
  spawn(lowPriority = false): ModelWorker {
    const { host, name, normalizesStrings, shortestDeadline } = this.#options;
    const worker = host.start({
      name,
      normalizesStrings,
      lowPriority,
      shortestDeadline,
      onDeath: (error) => this.#onDeath(worker, error),
    });
    this.#coming.add(worker);
    return worker;
  }

  /** Takes in a worker that has its model, and starts others beside it with `load`, until there are `count`. */
  async start(first: ModelWorker, load: LoadWorker, count: number): Promise<void> {
    this.#load = load;
    this.#coming.delete(first);
    this.#workers.push(first);
    await Promise.all(Array.from({ length: count - 1 }, () => this.#add(this.spawn())));
  }

  /** Picks the worker with the fewest steps before it; undefined where none has less than `limit`. */
  pick(limit: number): ModelWorker | undefined {
    let best: ModelWorker | undefined;
    for (const worker of this.#workers) {
      if (!worker.dead && worker.load < (best?.load ?? limit)) best = worker;
    }
    return best;
  }

  /** Ends all workers, those that are loading, too; their work fails with `error`. */
  async end(error: EdgewrightError): Promise<void> {
    this.#ending.abort();
    const workers = [...this.#workers.splice(0), ...this.#coming];
    await Promise.all(workers.map((worker) => worker.close(error)));
  }

  async #add(worker: ModelWorker): Promise<void> {
    if (this.#load === undefined) return;
    try {
      await this.#load(worker);
      this.#workers.push(worker);
    } catch (error) {
      await worker.close(workerCrashed(this.#options.name, reasonOf(error)));
      throw error;
    } finally {
      this.#coming.delete(worker);
    }
    this.#options.onReady();
  }

  #onDeath(worker: ModelWorker, error: EdgewrightError): void {
    const index = this.#workers.indexOf(worker);
    if (index < 0) return;
    this.#workers.splice(index, 1);
    void this.#replace(error);
  }

  async #replace(death: unknown): Promise<void> {
    const { name, budget, clock, logger } = this.#options;
    let cause = death;
    while (!this.ended) {
      const wait = budget.take(clock.monotonic());
      if (wait === undefined) {
        this.#fail(cause);
        return;
      }
      this.#restarts += 1;
      const code = cause instanceof EdgewrightError ? cause.code : undefined;
      logger.warn('inference thread replaced', {
        model: name,
        code,
        reason: reasonOf(cause),
        restarts: this.#restarts,
        waitMs: wait,
      });
      if (!(await this.#waited(wait))) return;
      try {
        await this.#add(this.spawn(budget.recent > 1));
        return;
      } catch (error) {
        cause = error;
      }
    }
  }

  /** Waits; false where the pool ended meanwhile. */
  async #waited(ms: number): Promise<boolean> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.#ending.signal, ref: false }).catch(() => undefined);
    return !this.ended;
  }

  #fail(cause: unknown): void {
    const { name, onFailed } = this.#options;
    this.#failed = true;
    const error = modelFailed(name, `no restart is left; the last cause: ${reasonOf(cause)}`, { cause });
    void this.end(error);
    onFailed(error);
  }
}

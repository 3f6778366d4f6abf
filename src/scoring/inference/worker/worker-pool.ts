import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, EdgewrightError, type Logger, reasonOf } from '../../../common/core/index.ts';
import { modelFailed, workerCrashed } from '../engine/errors.ts';
import type { Host, NewThread } from './host.ts';
import type { Thread } from './model-worker.ts';
import type { RestartBudget } from './restart-budget.ts';

export interface CrewOptions extends Pick<NewThread, 'name' | 'normalizesStrings' | 'shortestDeadline'> {
  readonly host: Host;
  readonly budget: RestartBudget;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** A thread came (back) to work. */
  readonly onReady: () => void;
  /** No restart is left; the crew has ended. */
  readonly onFailed: (error: EdgewrightError) => void;
}

/** Gives a thread what it has to have before it may work. */
export type LoadThread = (thread: Thread) => Promise<void>;

/** The threads that run one model. One that dies is replaced until the restart budget is used up. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #threads: Thread[] = [];
  /** Threads that are still loading. */
  readonly #coming = new Set<Thread>();
  #load: LoadThread | undefined;
  #restarts = 0;
  readonly #ending = new AbortController();
  #failed = false;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** The restarts are used up. */
  get failed(): boolean {
    return this.#failed;
  }

  get ended(): boolean {
    return this.#ending.signal.aborted;
  }

  get size(): number {
    return this.#threads.length;
  }

  /** A thread that is not trusted yet: its death is the business of whoever loads it. */
  spawn(gentle = false): Thread {
    const { host, name, normalizesStrings, shortestDeadline } = this.#options;
    const thread = host.thread({
      name,
      normalizesStrings,
      gentle,
      shortestDeadline,
      onDeath: (error) => this.#onDeath(thread, error),
    });
    this.#coming.add(thread);
    return thread;
  }

  /** Takes in a thread that has its model, and starts others beside it, loaded alike, until there are `count`. */
  async start(first: Thread, load: LoadThread, count: number): Promise<void> {
    this.#load = load;
    this.#coming.delete(first);
    this.#threads.push(first);
    await Promise.all(Array.from({ length: count - 1 }, () => this.#add(this.spawn())));
  }

  /** The thread with the least work, if that is less than `limit` steps. */
  pick(limit: number): Thread | undefined {
    let best: Thread | undefined;
    for (const thread of this.#threads) {
      if (!thread.dead && thread.load < (best?.load ?? limit)) best = thread;
    }
    return best;
  }

  async end(error: EdgewrightError): Promise<void> {
    this.#ending.abort();
    const threads = [...this.#threads.splice(0), ...this.#coming];
    await Promise.all(threads.map((thread) => thread.close(error)));
  }

  async #add(thread: Thread): Promise<void> {
    if (this.#load === undefined) return;
    try {
      await this.#load(thread);
      this.#threads.push(thread);
    } catch (error) {
      await thread.close(workerCrashed(this.#options.name, reasonOf(error)));
      throw error;
    } finally {
      this.#coming.delete(thread);
    }
    this.#options.onReady();
  }

  #onDeath(thread: Thread, error: EdgewrightError): void {
    const index = this.#threads.indexOf(thread);
    if (index < 0) return;
    this.#threads.splice(index, 1);
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

  /** False when the crew ended meanwhile. */
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

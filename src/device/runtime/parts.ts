import { EdgewrightError, type Logger, reasonOf } from '../../common/core/index.ts';

/** Something that is there as long as the gateway runs, and has to be ended, or looked after. */
export interface Keeping<T = void> {
  /** Name in the log. */
  readonly name: string;
  /** Ends it in order, within a bound of its own. */
  stop?(running: T): Promise<void> | void;
  /** Is called once a second while everything runs. Must not throw. */
  tick?(running: T): void;
}

/** The same with a start; what that resolves with is given to the other functions. */
export interface Part<T = unknown> extends Keeping<T> {
  start(): Promise<T> | T;
}

interface Running {
  readonly name: string;
  stop(): Promise<void>;
  tick(): void;
}

/**
 * The parts of a gateway in the order in which they were started; they stop in the reverse of it. Every failure of a step is
 * told, and none keeps the others from their turn.
 */
export class Parts {
  readonly #logger: Logger;
  readonly #running: Running[] = [];
  readonly #stopping: AbortSignal | undefined;
  readonly #givenUp: Promise<never>;
  #stopped: Promise<void> | undefined;

  /** @param stopping aborts where the start is to be given up, whatever it waits for */
  constructor(logger: Logger, stopping?: AbortSignal) {
    this.#logger = logger;
    this.#stopping = stopping;
    this.#givenUp = new Promise((_, reject) => {
      stopping?.addEventListener('abort', () => reject(stopping.reason), { once: true });
    });
    this.#givenUp.catch(() => undefined);
  }

  /** Waits for a step of the start; rejects as soon as the start is given up. */
  async wait<T>(step: Promise<T> | T): Promise<T> {
    this.#stopping?.throwIfAborted();
    return Promise.race([step, this.#givenUp]);
  }

  /** Adds what needs no start as the next part. */
  add(part: Keeping): void {
    this.#runs(part, undefined);
  }

  /** Starts the next part; rejects with what kept it from starting. */
  async start<T>(part: Part<T>): Promise<T> {
    this.#stopping?.throwIfAborted();
    const starting = begin(part);
    try {
      return this.#runs(part, await this.wait(starting));
    } catch (error) {
      if (this.#stopping?.aborted) this.#running.push(this.#late(part, starting));
      throw error;
    }
  }

  /**
   * Starts two parts that do not need each other at the same time, and waits for both; they stop in the reverse of the order
   * given. Rejects with the first error in that order; the log has the other.
   */
  async startTogether<A, B>(first: Part<A>, second: Part<B>): Promise<[A, B]> {
    this.#stopping?.throwIfAborted();
    const starting = [begin(first), begin(second)] as const;
    const both = Promise.allSettled(starting);
    try {
      await this.wait(both);
    } catch (error) {
      // Nobody else waits for what they still load.
      this.#running.unshift(this.#late(first, starting[0]), this.#late(second, starting[1]));
      throw error;
    }
    const [a, b] = await both;
    if (a.status === 'fulfilled') this.#runs(first, a.value);
    if (b.status === 'fulfilled') this.#runs(second, b.value);
    if (a.status === 'fulfilled' && b.status === 'fulfilled') return [a.value, b.value];
    if (a.status === 'rejected' && b.status === 'rejected') this.#tell(`${second.name} did not start`, b.reason);
    throw a.status === 'rejected' ? a.reason : (b as PromiseRejectedResult).reason;
  }

  /** Gives each part its turn, the newest first. */
  tick(): void {
    for (const part of this.#running.toReversed()) part.tick();
  }

  /** Stops what runs, the newest part first. Rejects with the first failure, once every part had its turn. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const errors: unknown[] = [];
    for (const { name, stop } of this.#running.toReversed()) {
      try {
        await stop();
      } catch (error) {
        errors.push(error);
        this.#tell(`${name} did not stop in order`, error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  #runs<T>({ name, stop, tick }: Keeping<T>, running: T): T {
    this.#running.push({ name, stop: async () => stop?.(running), tick: () => tick?.(running) });
    return running;
  }

  /** A part whose start is not waited for any more: it is stopped when it has started. */
  #late<T>(part: Part<T>, starting: Promise<T>): Running {
    const stop = async () => {
      const [started] = await Promise.allSettled([starting]);
      if (started.status === 'fulfilled') await part.stop?.(started.value);
    };
    return { name: part.name, stop, tick: () => undefined };
  }

  #tell(message: string, error: unknown): void {
    const detail = error instanceof EdgewrightError ? { code: error.code, hint: error.hint } : {};
    this.#logger.error(message, { ...detail, reason: reasonOf(error) });
  }
}

/** Starts a part; what it throws at once comes as a rejection, too. */
async function begin<T>(part: Part<T>): Promise<T> {
  return part.start();
}

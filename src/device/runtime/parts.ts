import { EdgewrightError, type Logger, reasonOf } from '../../common/core/index.ts';

/** Something that runs as long as the gateway does. What `start` resolves with is given back to its other functions. */
export interface Part<T = unknown> {
  /** For the log. */
  readonly name: string;
  start(): Promise<T> | T;
  /** Ends it in order, within a bound of its own. */
  stop?(running: T): Promise<void> | void;
  /** Once a second, while everything runs. Must not throw. */
  tick?(running: T): void;
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
  #stopped: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Starts the next part; rejects with what kept it from starting. */
  async start<T>(part: Part<T>): Promise<T> {
    const running = await part.start();
    this.#running.push({
      name: part.name,
      stop: async () => part.stop?.(running),
      tick: () => part.tick?.(running),
    });
    return running;
  }

  /**
   * Starts parts that do not need each other at the same time, and waits for all of them; they stop in the reverse of the order
   * given. Rejects with the first error in that order; the log has the others.
   */
  async startTogether<A, B>(first: Part<A>, second: Part<B>): Promise<[A, B]> {
    const results = await Promise.allSettled([this.#begin(first), this.#begin(second)]);
    const errors: unknown[] = [];
    const values: unknown[] = [];
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') {
        errors.push(result.reason);
        continue;
      }
      const { part, value } = result.value;
      await this.start({ ...(part as Part), start: () => value });
      values[index] = value;
    }
    const [error, ...others] = errors;
    for (const other of others) this.#tell('the gateway does not start', other);
    if (errors.length > 0) throw error;
    return values as [A, B];
  }

  tick(): void {
    for (const part of this.#running) part.tick();
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

  async #begin<T>(part: Part<T>): Promise<{ part: Part<T>; value: T }> {
    return { part, value: await part.start() };
  }

  #tell(message: string, error: unknown): void {
    const detail = error instanceof EdgewrightError ? { code: error.code, hint: error.hint } : {};
    this.#logger.error(message, { ...detail, reason: reasonOf(error) });
  }
}

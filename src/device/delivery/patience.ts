import { formatDuration } from '../../common/core/index.ts';

/** How long a fetch may take. Only time counts in which the device is connected and waits for an answer. */
export interface FetchLimits {
  /** Time, in ms, in which nobody serves: there was no good block for a while. */
  readonly unserved: number;
  /** Time, in ms, in which good blocks come, beside that of `leastRate`. */
  readonly served: number;
  /** Bytes a second below which blocks come too slowly. */
  readonly leastRate: number;
}

const HOUR = 3600e3;
/** A bundle may be served weeks after its order; what trickles is no service. */
export const DEFAULT_LIMITS: FetchLimits = { unserved: 31 * 24 * HOUR, served: HOUR, leastRate: 256 };
/** The time, in ms, after a good block for which the bundle counts as served. */
const SERVED_FOR = 10 * 60e3;

/**
 * Says when nobody serves a bundle, or somebody does so slowly that it never ends. Time (monotonic ms) is an argument.
 */
export class Patience {
  readonly #limits: FetchLimits;
  readonly #mostServed: number;
  #at: number | undefined;
  #sinceGood = Number.POSITIVE_INFINITY;
  #served = 0;
  #unserved = 0;

  /** @param bytes those that are missing */
  constructor(limits: FetchLimits, bytes: number) {
    this.#limits = limits;
    this.#mostServed = limits.served + (bytes / limits.leastRate) * 1_000;
  }

  /** Notes the time; `counts` says whether the time until the next call does. */
  pass(now: number, counts: boolean): void {
    if (this.#at !== undefined) {
      const passed = now - this.#at;
      if (this.#sinceGood < SERVED_FOR) this.#served += passed;
      else this.#unserved += passed;
      this.#sinceGood += passed;
    }
    this.#at = counts ? now : undefined;
  }

  /** Notes that a good block came. */
  good(): void {
    this.#sinceGood = 0;
  }

  /** The reason to give up; undefined while there is none. */
  get exhausted(): string | undefined {
    if (this.#unserved > this.#limits.unserved) {
      return `no good block came in ${formatDuration(this.#unserved)} of asking`;
    }
    if (this.#served > this.#mostServed) {
      return `blocks came for ${formatDuration(this.#served)}, slower than ${this.#limits.leastRate} bytes a second`;
    }
    return undefined;
  }
}

/** How long the waits between attempts to connect may become. */
export interface BackoffLimits {
  /** The bound, in ms, below which the first wait is drawn. */
  readonly first: number;
  /** The longest wait, in ms. */
  readonly longest: number;
  /** The time, in ms, that a connection must have stood before its end counts as the first failure again. */
  readonly stable: number;
}

/**
 * Growth of the bound. Doubling would make the next wait up to twice as long as the outage was: with this it is about
 * as long.
 */
const GROWTH = 1.5;

/** The waits of a client that nobody waits for, such as a gateway. */
export const DEFAULT_BACKOFF: BackoffLimits = { first: 1_000, longest: 300_000, stable: 60_000 };

/**
 * Full jitter: the n-th wait in a row is uniform in [0, min(longest, first * 1.5^n)), so that a fleet that lost its
 * broker at one moment does not come back at one moment (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #random: () => number;
  #failures = 0;
  #connectedAt: number | undefined;

  constructor(limits: BackoffLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /** The number of failures in a row, as the next wait sees them. */
  get failures(): number {
    return this.#failures;
  }

  /** Notes that a connection stands since `now` (monotonic ms). */
  connected(now: number): void {
    this.#connectedAt = now;
  }

  /** Returns the ms to wait after an attempt that failed or a connection that ended at `now` (monotonic ms). */
  failed(now: number): number {
    const stood = this.#connectedAt === undefined ? 0 : now - this.#connectedAt;
    this.#connectedAt = undefined;
    if (stood >= this.#limits.stable) this.#failures = 0;
    const ceiling = Math.min(this.#limits.longest, this.#limits.first * GROWTH ** this.#failures);
    this.#failures += 1;
    return this.#random() * ceiling;
  }

  /** Forgets all failures. */
  reset(): void {
    this.#failures = 0;
    this.#connectedAt = undefined;
  }
}

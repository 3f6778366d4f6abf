/** Longest wait before a restart, in ms. */
const MAX_WAIT = 30_000;

/** Limits on restarting the workers of one model. */
export interface RestartOptions {
  /** Most restarts within any `within` milliseconds. */
  readonly max: number;
  readonly within: number;
  /** Milliseconds before the second restart; each further one waits twice as long. The first comes at once. */
  readonly backoff: number;
}

/** Grants restarts, further and further apart: at most `max` within any `within` milliseconds. */
export class RestartBudget {
  readonly #options: RestartOptions;
  #taken: number[] = [];

  constructor(options: RestartOptions) {
    this.#options = options;
  }

  /** Restarts granted in the `within` milliseconds up to the last one, itself included. */
  get recent(): number {
    return this.#taken.length;
  }

  /** Takes one restart at `now` (monotonic ms); returns the ms to wait for it, undefined where none is left. */
  take(now: number): number | undefined {
    const { max, within, backoff } = this.#options;
    this.#taken = this.#taken.filter((at) => now - at < within);
    if (this.#taken.length >= max) return undefined;
    this.#taken.push(now);
    return this.recent === 1 ? 0 : Math.min(MAX_WAIT, backoff * 2 ** (this.recent - 2));
  }
}

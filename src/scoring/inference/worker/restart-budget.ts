/** Longest wait before a restart, in ms. */
const MAX_WAIT = 30_000;

export interface RestartOptions {
  /** Restarts within any `within` milliseconds. */
  readonly max: number;
  readonly within: number;
  /** Milliseconds before the second of them; each further one waits twice as long. The first comes at once. */
  readonly backoff: number;
}

/** At most `max` restarts within any `within` milliseconds, further and further apart. */
export class RestartBudget {
  readonly #options: RestartOptions;
  #taken: number[] = [];

  constructor(options: RestartOptions) {
    this.#options = options;
  }

  /** Restarts within the time before the last one, itself included. */
  get recent(): number {
    return this.#taken.length;
  }

  /** Takes one restart; undefined where none is left, else how long to wait for it (ms). `now`: monotonic ms. */
  take(now: number): number | undefined {
    const { max, within, backoff } = this.#options;
    this.#taken = this.#taken.filter((at) => now - at < within);
    if (this.#taken.length >= max) return undefined;
    this.#taken.push(now);
    return this.recent === 1 ? 0 : Math.min(MAX_WAIT, backoff * 2 ** (this.recent - 2));
  }
}

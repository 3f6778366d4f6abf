/** At most `max` restarts within any `within` milliseconds. */
export class RestartBudget {
  readonly #max: number;
  readonly #within: number;
  #taken: number[] = [];

  constructor({ max, within }: { readonly max: number; readonly within: number }) {
    this.#max = max;
    this.#within = within;
  }

  /** Restarts within the time before the last one, itself included. */
  get recent(): number {
    return this.#taken.length;
  }

  /** Takes one restart; false where none is left. `now`: monotonic ms. */
  take(now: number): boolean {
    this.#taken = this.#taken.filter((at) => now - at < this.#within);
    if (this.#taken.length >= this.#max) return false;
    this.#taken.push(now);
    return true;
  }
}

/** Wall time at the start, moved on by monotonic time; set by whoever looks after the clock. */
export class ThreadClock {
  readonly #monotonic: () => number;
  #anchor: number;

  constructor(wall: () => number = Date.now, monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
    this.#anchor = wall() - monotonic();
  }

  now(): number {
    return this.#anchor + this.#monotonic();
  }

  /** Returns by how many ms it was off. */
  set(now: number): number {
    const off = now - this.now();
    this.#anchor += off;
    return off;
  }
}

const MEMORY_MS = 10 * 60_000;

/** Measures how many bytes and records arrive, over about the last ten minutes. */
export class RateMeter {
  #bytes = 0;
  #records = 0;
  #since: number;
  #at: number;

  constructor(now: number) {
    this.#since = now;
    this.#at = now;
  }

  add(records: number, bytes: number, now: number): void {
    this.#decay(now);
    this.#records += records;
    this.#bytes += bytes;
  }

  bytesPerMs(now: number): number {
    this.#decay(now);
    // Until it has run for long, only the time that there was counts.
    const seen = MEMORY_MS * (1 - Math.exp(-(now - this.#since) / MEMORY_MS));
    return seen > 0 ? this.#bytes / seen : 0;
  }

  /** Notes that the clock was set by so many ms. */
  shift(by: number): void {
    this.#since += by;
    this.#at += by;
  }

  get bytesPerRecord(): number {
    return this.#records > 0 ? this.#bytes / this.#records : 0;
  }

  #decay(now: number): void {
    if (now <= this.#at) return;
    const factor = Math.exp((this.#at - now) / MEMORY_MS);
    this.#bytes *= factor;
    this.#records *= factor;
    this.#at = now;
  }
}

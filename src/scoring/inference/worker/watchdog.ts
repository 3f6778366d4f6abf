/**
 * Tells when one piece of work took too long, by counting its own ticks instead of reading a clock: while the main
 * thread or the whole process stands still no ticks pass, so nobody is blamed for that.
 */
export class Watchdog {
  readonly #interval: number;
  #job: number | undefined;
  #ticks = 0;

  /** `interval`: milliseconds between ticks. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** `job`: what is being worked on, undefined for nothing. True when it has been there for its deadline (ms). */
  tick(job: number | undefined, deadline: number): boolean {
    if (job !== this.#job) {
      this.#job = job;
      this.#ticks = 0;
    }
    if (job === undefined) return false;
    this.#ticks += 1;
    // The first tick may come right after the job began, so one more is needed than the deadline holds.
    return (this.#ticks - 1) * this.#interval >= deadline;
  }
}

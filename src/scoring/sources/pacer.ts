import * as z from 'zod';

/** The key `speed` of a source that is played back. */
export const speedSchema = z
  .union([z.enum(['realtime', 'max']), z.number().positive().max(1e6)])
  .default('realtime')
  .describe('Pace in event time: realtime, n times real time, or max (as fast as it goes).');
/** A pace in event time: a factor, or its name. */
export type Speed = z.output<typeof speedSchema>;

/** Computes when a reading is due, from event time and a factor. Pure: `play` brings monotonic time and waits. */
export class Pacer {
  readonly #factor: number;
  #eventAnchor = Number.NaN;
  #anchor = 0;
  #latest = 0;

  constructor(speed: Speed) {
    this.#factor = speed === 'realtime' ? 1 : speed === 'max' ? Number.POSITIVE_INFINITY : speed;
  }

  /**
   * Gives the ms from `now` (monotonic ms) until the reading of event time `t` is due; 0 or less when it is. Where
   * event time goes back, as from one asset's recording to the next, the pace goes on from there without a pause.
   */
  wait(t: number, now: number): number {
    if (this.#factor === Number.POSITIVE_INFINITY) return 0;
    if (Number.isNaN(this.#eventAnchor)) {
      this.#eventAnchor = t;
      this.#anchor = now;
    } else if (t < this.#latest) {
      this.#anchor += (this.#latest - this.#eventAnchor) / this.#factor;
      this.#eventAnchor = t;
    }
    this.#latest = t;
    return this.#anchor + (t - this.#eventAnchor) / this.#factor - now;
  }
}

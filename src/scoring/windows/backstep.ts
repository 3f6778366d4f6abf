import type { ByteReader, ByteWriter } from '../../common/core/index.ts';

/** Late readings in a row, each later than the one before, that make the source's new time. */
const READINGS_OF_A_STEP = 30;

/**
 * Distinguishes a source whose clock was set back from single readings that come late: the times of the former rise
 * from an earlier one, without a reading in between that is in time.
 */
export class Backstep {
  #run = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** Notes a late reading; true when the clock is to be taken as set back. */
  late(t: number): boolean {
    if (t > this.#last) this.#run += 1;
    else if (t < this.#last) this.#run = 1;
    this.#last = t;
    return this.#run >= READINGS_OF_A_STEP;
  }

  /** Notes a reading that is in time. */
  inTime(): void {
    this.#run = 0;
    this.#last = Number.NEGATIVE_INFINITY;
  }

  /** Writes the run of late readings. */
  save(out: ByteWriter): void {
    out.u32(this.#run);
    out.f64(this.#last);
  }

  /** Puts what was saved into a new one. */
  restore(from: ByteReader): void {
    this.#run = from.u32();
    this.#last = from.f64();
  }
}

import type { ByteReader, ByteWriter } from '../../common/core/index.ts';

/** Late readings, each later than all before, that make the source's new time. */
const READINGS_OF_A_STEP = 30;

/**
 * Distinguishes a source whose clock was set back from single readings that come late: the times of the former rise
 * from an earlier one, without a reading in between that is in time. They need not rise one by one: the tags of an asset
 * may take turns.
 */
export class Backstep {
  #run = 0;
  #first = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** Notes a late reading; true when the clock is to be taken as set back. */
  late(t: number): boolean {
    if (this.#run === 0 || t < this.#first) {
      this.#run = 1;
      this.#first = t;
      this.#last = t;
    } else if (t > this.#last) {
      this.#run += 1;
      this.#last = t;
    }
    return this.#run >= READINGS_OF_A_STEP;
  }

  /** Notes a reading that is in time. */
  inTime(): void {
    this.#run = 0;
    this.#last = Number.NEGATIVE_INFINITY;
  }

  /** Writes the run of late readings. Where it began follows by `saveFirst`: earlier versions did not write it. */
  save(out: ByteWriter): void {
    out.u32(this.#run);
    out.f64(this.#last);
  }

  /** Writes where the run of late readings began. */
  saveFirst(out: ByteWriter): void {
    out.f64(this.#first);
  }

  /** Puts what was saved into a new one. */
  restore(from: ByteReader): void {
    this.#run = from.u32();
    this.#last = from.f64();
    this.#first = this.#last;
  }

  /** Reads what `saveFirst` wrote. */
  restoreFirst(from: ByteReader): void {
    this.#first = from.f64();
  }
}

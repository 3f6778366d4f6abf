import type { ByteReader, ByteWriter } from '../../../common/core/index.ts';

/** Records of an asset that were emitted: those of event times from `from` to `until`, and `ties` of those just then. */
export interface EmittedRecords {
  readonly asset: string;
  readonly type: 'prediction' | 'shadow' | 'alarm' | 'summary';
  readonly from: number;
  readonly until: number;
  readonly ties: number;
}

/**
 * Up to where the records of an asset were emitted before this start: a restored state gives them once more, and they
 * must not be emitted twice. Records come in order of event time; several may have the same.
 */
export class EmittedWatermark {
  #until = Number.NEGATIVE_INFINITY;
  /** Records of the time `until` that are still to come once more. */
  #ties = 0;
  #last = Number.NEGATIVE_INFINITY;
  /** Records taken so far that had the time `last`. */
  #atLast = 0;
  /** Time of the first record that was emitted and comes once more, where none was taken before it. */
  #from = Number.NEGATIVE_INFINITY;

  /** Event time up to which records are not emitted again; -Infinity for none. */
  get until(): number {
    return this.#until;
  }

  /** Event time of the first record that was emitted behind the snapshot; -Infinity for none. */
  get from(): number {
    return this.#from;
  }

  /** Notes that all records from `from` up to `until` were emitted, and `ties` of those just then. */
  cover(from: number, until: number, ties: number): void {
    if (until < this.#until) return;
    this.#from = from;
    this.#until = until;
    this.#ties = Math.max(0, ties - (this.#last === until ? this.#atLast : 0));
  }

  /** Time of the newest record taken; -Infinity before the first. */
  get last(): number {
    return this.#last;
  }

  /** Takes the next record; true where it was emitted before. */
  take(t: number): boolean {
    this.#atLast = t === this.#last ? this.#atLast + 1 : 1;
    this.#last = t;
    if (t < this.#until) return true;
    if (t === this.#until && this.#ties > 0) {
      this.#ties -= 1;
      return true;
    }
    this.#until = Number.NEGATIVE_INFINITY;
    return false;
  }

  /** Resets a watermark beyond `limit`: it is of a clock that was set back since. */
  resetBeyond(limit: number): void {
    if (this.#until > limit) this.reset();
  }

  /** Forgets the watermark: times begin again, and say nothing of what was emitted. */
  reset(): void {
    this.#until = Number.NEGATIVE_INFINITY;
  }

  /** Writes the watermark and what was taken. */
  save(out: ByteWriter): void {
    out.f64(this.#until);
    out.u32(this.#ties);
    out.f64(this.#last);
    out.u32(this.#atLast);
  }

  /** Writes what earlier versions did not: behind what `save` wrote of all watermarks. */
  saveFrom(out: ByteWriter): void {
    out.f64(this.#from);
  }

  /** Reads what `saveFrom` wrote. */
  restoreFrom(from: ByteReader): void {
    this.#from = from.f64();
  }

  /** Puts what was saved into a new watermark. Throws RangeError where the bytes are no such state. */
  restore(from: ByteReader): void {
    this.#until = from.f64();
    this.#ties = from.u32();
    this.#last = from.f64();
    this.#atLast = from.u32();
  }
}

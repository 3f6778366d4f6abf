import type { ByteReader, ByteWriter } from '../../../common/core/index.ts';

/**
 * What an asset's windows gave that was told before this start and must not be told again, though a restored state gives
 * it once more. It comes in order of event time; several may have the same.
 */
export class Told {
  #until = Number.NEGATIVE_INFINITY;
  /** Of just then, still to come once more. */
  #ties = 0;
  #last = Number.NEGATIVE_INFINITY;
  /** So many had the newest time. */
  #atLast = 0;

  /** All up to `until` is known to have been told, of just then so many. */
  until(until: number, ties: number): void {
    if (until < this.#until) return;
    this.#until = until;
    this.#ties = Math.max(0, ties - (this.#last === until ? this.#atLast : 0));
  }

  /** Takes the next; whether it was told before. */
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

  /** What lies beyond is of a clock that was set back since. */
  resetBeyond(limit: number): void {
    if (this.#until > limit) this.reset();
  }

  /** Times begin again: they say nothing of what was told. */
  reset(): void {
    this.#until = Number.NEGATIVE_INFINITY;
  }

  save(out: ByteWriter): void {
    out.f64(this.#until);
    out.u32(this.#ties);
    out.f64(this.#last);
    out.u32(this.#atLast);
  }

  restore(from: ByteReader): void {
    this.#until = from.f64();
    this.#ties = from.u32();
    this.#last = from.f64();
    this.#atLast = from.u32();
  }
}

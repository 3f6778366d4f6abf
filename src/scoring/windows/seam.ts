import type { ByteReader, ByteWriter } from '../../common/core/index.ts';

/** The event time behind which readings may be missing, after a stop that was not in order; none at first. */
export class Seam {
  reason = '';
  #at = Number.NEGATIVE_INFINITY;

  /** Sets the seam at t, with the reason that windows across it give. */
  mark(t: number, reason: string): void {
    this.#at = t;
    this.reason = reason;
  }

  /** Whether a window has readings of both sides. */
  within(from: number, to: number): boolean {
    return from <= this.#at && to > this.#at;
  }

  /** Writes the seam. */
  save(out: ByteWriter): void {
    out.f64(this.#at);
    out.text(this.reason);
  }

  /** Puts what was saved into a new seam. */
  restore(from: ByteReader): void {
    this.#at = from.f64();
    this.reason = from.text();
  }
}

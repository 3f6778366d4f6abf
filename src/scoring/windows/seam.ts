import type { ByteReader, ByteWriter } from '../../common/core/index.ts';

/**
 * The event times of which readings may be missing, after a stop or while a source was away: from the oldest that may be
 * gone to the newest, which is known once readings have come again. None at first.
 */
export class Seam {
  #reason = '';
  #from = Number.NEGATIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;

  /** The reasons that windows give which have a time of the seam. */
  get reason(): string {
    return this.#reason;
  }

  /** Whether nothing tells yet where it ends. */
  get open(): boolean {
    return this.#to === Number.POSITIVE_INFINITY;
  }

  /**
   * Opens the seam at `from`. One that windows still held may have times of becomes part of it.
   * @param oldest first time that a window may have which is not closed
   */
  begin(from: number, reason: string, oldest: number): void {
    if (this.#to >= oldest) {
      this.#from = Math.min(this.#from, from);
      if (!this.#reason.includes(reason)) this.#reason += `; ${reason}`;
    } else {
      this.#from = from;
      this.#reason = reason;
    }
    this.#to = Number.POSITIVE_INFINITY;
  }

  /**
   * Ends the seam: every tag has come again, the last one at `t`. What is missing was sent before, and its time is less
   * than `t`, or at most `lateness` ms more.
   */
  end(t: number, lateness: number): void {
    this.#to = lateness > 0 ? t + lateness + 1 : t;
  }

  /** Forgets the seam: times begin again. */
  clear(): void {
    this.#from = Number.NEGATIVE_INFINITY;
    this.#to = Number.NEGATIVE_INFINITY;
  }

  /** Whether a window [from, to) has a time of the seam. */
  within(from: number, to: number): boolean {
    return from < this.#to && to > this.#from;
  }

  /** Writes where it begins, and the reason. Where it ends follows by `saveEnd`: earlier versions did not write it. */
  save(out: ByteWriter): void {
    out.f64(this.#from);
    out.text(this.#reason);
  }

  /** Writes where it ends. */
  saveEnd(out: ByteWriter): void {
    out.f64(this.#to);
  }

  /** Puts what was saved into a new seam. */
  restore(from: ByteReader): void {
    this.#from = from.f64();
    this.#reason = from.text();
    // What earlier versions saved says where it begins alone: a window may begin just there.
    this.#to = this.#from + 1;
  }

  /** Reads what `saveEnd` wrote. */
  restoreEnd(from: ByteReader): void {
    this.#to = from.f64();
  }
}

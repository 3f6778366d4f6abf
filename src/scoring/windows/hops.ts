/**
 * Arithmetic of the windows [k x every, k x every + length), aligned to the epoch. Times are in ms, possibly
 * fractional.
 */
export class Hops {
  readonly length: number;
  readonly every: number;

  constructor(length: number, every: number) {
    this.length = length;
    this.every = every;
  }

  /** Begin of window k. */
  from(k: number): number {
    return k * this.every;
  }

  /** End of window k. */
  to(k: number): number {
    return k * this.every + this.length;
  }

  /** Finds the first window that ends after t. */
  firstEndingAfter(t: number): number {
    let k = Math.floor((t - this.length) / this.every) + 1;
    // The division may be a rounding off; the comparisons that windows are cut by decide.
    if (this.to(k) <= t) k += 1;
    else if (this.to(k - 1) > t) k -= 1;
    return k;
  }

  /** Finds the last window that begins at or before t. */
  lastBeginningBy(t: number): number {
    let k = Math.floor(t / this.every);
    if (this.from(k) > t) k -= 1;
    else if (this.from(k + 1) <= t) k += 1;
    return k;
  }
}

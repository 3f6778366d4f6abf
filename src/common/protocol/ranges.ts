/** A range of integers, inclusive at both ends. */
export type Range = readonly [from: number, to: number];

/**
 * A set of integers as sorted, disjoint ranges that do not touch; small as long as the integers come roughly in order.
 */
export class RangeSet {
  #ranges: [number, number][] = [];

  /** The ranges in ascending order. */
  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  /** The number of integers in the set. */
  get size(): number {
    return this.#ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  }

  /** Tells whether an integer is in the set, in logarithmic time. */
  has(value: number): boolean {
    const range = this.#ranges[this.#firstEndingAt(value)];
    return range !== undefined && range[0] <= value;
  }

  /** Adds the integers from `from` to `to`, of which some may be there already. */
  add(from: number, to: number = from): void {
    // Ranges that overlap or touch [from, to] become one with it.
    const start = this.#firstEndingAt(from - 1);
    let end = start;
    let low = from;
    let high = to;
    for (let range = this.#ranges[end]; range !== undefined && range[0] <= to + 1; range = this.#ranges[end]) {
      low = Math.min(low, range[0]);
      high = Math.max(high, range[1]);
      end += 1;
    }
    this.#ranges.splice(start, end - start, [low, high]);
  }

  /** The ranges of [from, to] that are not in the set, in ascending order. */
  missing(from: number, to: number): Range[] {
    const holes: Range[] = [];
    let next = from;
    for (let i = this.#firstEndingAt(from); i < this.#ranges.length; i += 1) {
      const [low, high] = this.#ranges[i] ?? [to + 1, to];
      if (low > to) break;
      if (low > next) holes.push([next, low - 1]);
      next = high + 1;
    }
    if (next <= to) holes.push([next, to]);
    return holes;
  }

  /** Index of the first range whose end is at or behind `value`. */
  #firstEndingAt(value: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.[1] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Ids, or seqs, from `first` to `last`, both inclusive. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** Ids that share a value. */
export interface IdRange extends Span {
  readonly value: number;
}

/** A change of the list of ranges, for a copy elsewhere to follow. A removed range is named by its `first`. */
export interface RangeChange {
  readonly removed: readonly number[];
  readonly added: readonly IdRange[];
}

/** A map from ids to values, kept as disjoint ranges in order; neighbours of equal value are one range. */
export class IdRanges {
  #list: IdRange[] = [];

  get all(): readonly IdRange[] {
    return this.#list;
  }

  clear(): void {
    this.#list = [];
  }

  /** Gives [first, last] this value, whatever it had before. */
  set(first: number, last: number, value: number): RangeChange {
    return this.#replace(first, last, { first, last, value });
  }

  /** Forgets [first, last]. */
  delete(first: number, last: number): RangeChange {
    return this.#replace(first, last, undefined);
  }

  get(id: number): number | undefined {
    const range = this.#list[this.#indexFrom(id)];
    return range !== undefined && range.first <= id ? range.value : undefined;
  }

  /** The lowest run of ids within [from, to] that has no value. */
  gap(from: number, to: number): Span | undefined {
    let first = from;
    for (let index = this.#indexFrom(from); index < this.#list.length; index += 1) {
      const range = this.#list[index];
      if (range === undefined || range.first > first) break;
      first = range.last + 1;
    }
    if (first > to) return undefined;
    const next = this.#list[this.#indexFrom(first)];
    return { first, last: next === undefined ? to : Math.min(to, next.first - 1) };
  }

  /** Every run of ids within [from, to] that has no value. */
  *gaps(from: number, to: number): Generator<Span> {
    for (let gap = this.gap(from, to); gap !== undefined; gap = this.gap(gap.last + 1, to)) yield gap;
  }

  /** Index of the first range that ends at `id` or later. */
  #indexFrom(id: number): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#list[middle]?.last ?? 0) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #replace(first: number, last: number, piece: IdRange | undefined): RangeChange {
    // The search is one id wider on both sides, since touching neighbours may become one with the piece.
    const start = this.#indexFrom(first - 1);
    let end = start;
    while (end < this.#list.length && (this.#list[end]?.first ?? 0) <= last + 1) end += 1;
    const touched = this.#list.slice(start, end);
    const kept = touched.flatMap((range) => [
      ...(range.first < first ? [{ ...range, last: Math.min(range.last, first - 1) }] : []),
      ...(range.last > last ? [{ ...range, first: Math.max(range.first, last + 1) }] : []),
    ]);
    const pieces = piece === undefined ? kept : [...kept, piece].sort((a, b) => a.first - b.first);
    const merged = coalesce(pieces);
    this.#list.splice(start, end - start, ...merged);
    return { removed: touched.map((range) => range.first), added: merged };
  }
}

function coalesce(ranges: readonly IdRange[]): IdRange[] {
  const merged: IdRange[] = [];
  for (const range of ranges) {
    const before = merged.at(-1);
    if (before !== undefined && before.last + 1 === range.first && before.value === range.value) {
      merged[merged.length - 1] = { ...before, last: range.last };
    } else merged.push(range);
  }
  return merged;
}

/** The lowest run within [from, to] that neither map knows. */
export function gapOfBoth(a: IdRanges, b: IdRanges, from: number, to: number): Span | undefined {
  let start = from;
  for (;;) {
    const outer = a.gap(start, to);
    if (outer === undefined) return undefined;
    const inner = b.gap(outer.first, outer.last);
    if (inner !== undefined) return inner;
    start = outer.last + 1;
  }
}

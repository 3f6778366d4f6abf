import { type ByteReader, type ByteWriter, StatusCode } from '../../common/core/index.ts';
import type { HeldValues } from './held-values.ts';
import { type SampleGate, sameSample } from './sample.ts';
import { upperBound } from './search.ts';
import { restoreStatus, saveStatus } from './status-column.ts';
import { ABSENT } from './types.ts';

/** What a reading is to a row of the same time: it fills absent tags, repeats what is there, or contradicts it. */
export type Relation = 'joins' | 'repeats' | 'differs';

/**
 * Holds rows of all tags in order of event time, column by column, so that a tag's samples lie side by side. Rows leave
 * at the front when room is made, which moves all indices.
 */
export class RowTable {
  readonly tags: number;
  times: Float64Array;
  readonly values: Float64Array[];
  readonly status: Uint32Array[];
  /** Time of the newest row whose sample of this tag is other than good, and of all tags. */
  readonly flawed: Float64Array;
  newestFlaw = Number.NEGATIVE_INFINITY;
  length = 0;
  readonly #gate: SampleGate;
  #present: Uint32Array;

  constructor(tags: number, capacity: number, gate: SampleGate) {
    this.tags = tags;
    this.#gate = gate;
    this.times = new Float64Array(capacity);
    this.values = Array.from({ length: tags }, () => new Float64Array(capacity));
    this.status = Array.from({ length: tags }, () => new Uint32Array(capacity));
    this.#present = new Uint32Array(capacity);
    this.flawed = new Float64Array(tags).fill(Number.NEGATIVE_INFINITY);
  }

  /** Event time of a row, ms. */
  time(row: number): number {
    return this.times[row] as number;
  }

  /** Whether a row has every tag. */
  complete(row: number): boolean {
    return this.#present[row] === this.tags;
  }

  /** Finds the place of a row of time t: behind all rows that are not later. */
  place(t: number): number {
    return upperBound(this.times, 0, this.length, t);
  }

  /** Makes sure that a row fits; of the first `spare` rows some may go. Returns how many went. */
  reserve(spare: number): number {
    const capacity = this.times.length;
    if (this.length < capacity) return 0;
    if (spare < capacity / 4) this.#resize(capacity * 2);
    this.#shift(spare, 0);
    this.length -= spare;
    return spare;
  }

  /** Puts an empty row at `row`; there must be room. */
  insert(row: number, t: number): void {
    if (row < this.length) this.#shift(row, row + 1);
    this.length += 1;
    this.times[row] = t;
    this.#present[row] = 0;
    for (let tag = 0; tag < this.tags; tag += 1) {
      (this.values[tag] as Float64Array)[row] = Number.NaN;
      (this.status[tag] as Uint32Array)[row] = ABSENT;
    }
  }

  /** Puts the tags that a reading carries, and that the row lacks, into the row. */
  fill(row: number, values: Float64Array, status: Uint32Array): void {
    let filled = 0;
    for (let tag = 0; tag < this.tags; tag += 1) {
      if (status[tag] === ABSENT || (this.status[tag] as Uint32Array)[row] !== ABSENT) continue;
      filled += 1;
      const value = values[tag] as number;
      const code = this.#gate.judge(tag, value, status[tag] as number);
      (this.values[tag] as Float64Array)[row] = value;
      (this.status[tag] as Uint32Array)[row] = code;
      if (code !== StatusCode.Good) this.#flaw(row, tag);
    }
    this.#present[row] = (this.#present[row] as number) + filled;
  }

  /** Puts rows (first, end) into row `first`, which has the time of the last one then. They have no tag in common. */
  merge(first: number, end: number): void {
    const t = this.time(end - 1);
    this.times[first] = t;
    for (let tag = 0; tag < this.tags; tag += 1) {
      const values = this.values[tag] as Float64Array;
      const status = this.status[tag] as Uint32Array;
      for (let row = first + 1; row < end; row += 1) {
        if (status[row] === ABSENT) continue;
        values[first] = values[row] as number;
        status[first] = status[row] as number;
        this.#present[first] = (this.#present[first] as number) + 1;
      }
      if (status[first] !== ABSENT && status[first] !== StatusCode.Good) this.#flaw(first, tag);
    }
    this.#shift(end, first + 1);
    this.length -= end - first - 1;
  }

  /** Takes a row out. */
  remove(row: number): void {
    this.#shift(row + 1, row);
    this.length -= 1;
  }

  /** Whether a row has values of tags that are held, and of no others. */
  onlyHeld(row: number, held: HeldValues): boolean {
    return this.status.every((status, tag) => held.holds(tag) || status[row] === ABSENT);
  }

  /** Puts what is held into a row that lacks it, and has the values held that the row has. */
  hold(row: number, held: HeldValues): void {
    const t = this.time(row);
    for (let tag = 0; tag < this.tags; tag += 1) {
      if (!held.holds(tag)) continue;
      const values = this.values[tag] as Float64Array;
      const status = this.status[tag] as Uint32Array;
      if (status[row] !== ABSENT) held.hear(tag, t, values[row] as number, status[row] as StatusCode);
      else {
        values[row] = held.valueAt(tag, t);
        status[row] = held.statusAt(tag, t);
        this.#present[row] = (this.#present[row] as number) + 1;
        this.#flaw(row, tag);
      }
    }
  }

  /** Notes that the tags which a row lacks will not come. */
  giveUp(row: number): void {
    for (const [tag, status] of this.status.entries()) if (status[row] === ABSENT) this.#flaw(row, tag);
  }

  /** Compares a reading with a row of the same time. */
  relation(row: number, values: Float64Array, status: Uint32Array): Relation {
    let joins = false;
    for (let tag = 0; tag < this.tags; tag += 1) {
      if (status[tag] === ABSENT) continue;
      const held = (this.status[tag] as Uint32Array)[row] as number;
      const value = values[tag] as number;
      if (held === ABSENT) joins = true;
      else {
        const code = this.#gate.judge(tag, value, status[tag] as number);
        if (!sameSample(value, code, (this.values[tag] as Float64Array)[row] as number, held)) return 'differs';
      }
    }
    return joins ? 'joins' : 'repeats';
  }

  /** Forgets all rows. */
  clear(): void {
    this.length = 0;
    this.flawed.fill(Number.NEGATIVE_INFINITY);
    this.newestFlaw = Number.NEGATIVE_INFINITY;
  }

  /** Writes rows from `first` on. */
  save(out: ByteWriter, first: number): void {
    out.u32(this.length - first);
    out.column(this.times, first, this.length);
    for (let tag = 0; tag < this.tags; tag += 1) {
      out.column(this.values[tag] as Float64Array, first, this.length);
      saveStatus(out, this.status[tag] as Uint32Array, first, this.length);
    }
  }

  /** Puts what was saved in the place of its rows; the first `closed` of them will not be filled any more. */
  restore(from: ByteReader, closed: number): void {
    const length = from.u32();
    this.clear();
    if (length > this.times.length) this.#resize(length);
    this.length = length;
    from.column(this.times, 0, length);
    for (let tag = 0; tag < this.tags; tag += 1) {
      from.column(this.values[tag] as Float64Array, 0, length);
      restoreStatus(from, this.status[tag] as Uint32Array, length);
    }
    for (let row = 0; row < length; row += 1) this.#recount(row, row < closed);
  }

  #recount(row: number, closed: boolean): void {
    let present = 0;
    for (let tag = 0; tag < this.tags; tag += 1) {
      const code = (this.status[tag] as Uint32Array)[row] as number;
      if (code !== ABSENT) present += 1;
      if (code !== StatusCode.Good && (closed || code !== ABSENT)) this.#flaw(row, tag);
    }
    this.#present[row] = present;
  }

  #flaw(row: number, tag: number): void {
    const t = this.time(row);
    if (t > (this.flawed[tag] as number)) this.flawed[tag] = t;
    if (t > this.newestFlaw) this.newestFlaw = t;
  }

  #shift(from: number, to: number): void {
    this.times.copyWithin(to, from, this.length);
    this.#present.copyWithin(to, from, this.length);
    for (const column of this.values) column.copyWithin(to, from, this.length);
    for (const column of this.status) column.copyWithin(to, from, this.length);
  }

  #resize(capacity: number): void {
    const grown = <T extends Float64Array | Uint32Array>(next: T, held: T): T => {
      next.set(held);
      return next;
    };
    this.times = grown(new Float64Array(capacity), this.times);
    this.#present = grown(new Uint32Array(capacity), this.#present);
    for (let tag = 0; tag < this.tags; tag += 1) {
      this.values[tag] = grown(new Float64Array(capacity), this.values[tag] as Float64Array);
      this.status[tag] = grown(new Uint32Array(capacity), this.status[tag] as Uint32Array);
    }
  }
}

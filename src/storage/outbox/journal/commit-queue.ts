import { type EntryGroup, entryBytes, type SourcePosition, stalledBytes } from './rows/entry.ts';

/** Entries [from, to) of a group. A record that is too large to store is a slice of its own. */
export interface Slice {
  readonly group: EntryGroup;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly tooLarge: boolean;
}

/** The newest position of each source that holds once the slice is committed. */
export function positionsOf({ group, from, to }: Slice): SourcePosition[] {
  const newest = new Map<string, SourcePosition>();
  for (const position of group.positions) {
    const mine = position.after <= to && (position.after > from || from === 0);
    if (mine) newest.set(position.source, position);
  }
  return [...newest.values()];
}

/** Groups that wait for their transaction, first in, first out. */
export class CommitQueue {
  #groups: EntryGroup[] = [];
  /** Entries of the first group that are committed. */
  #offset = 0;
  readonly #recordBytes: number;

  constructor(recordBytes: number) {
    this.#recordBytes = recordBytes;
  }

  get empty(): boolean {
    return this.#groups.length === 0;
  }

  push(group: EntryGroup): void {
    this.#groups.push(group);
  }

  /** The next entries up to so many bytes, and at least one. They stay until `done`. */
  peek(limit: number): Slice[] {
    const slices: Slice[] = [];
    let left = limit;
    let from = this.#offset;
    for (const group of this.#groups) {
      while (left > 0 && from < group.bodies.length) {
        const slice = this.#slice(group, from, left, slices.length === 0);
        if (slice.to === from) return slices;
        slices.push(slice);
        left -= slice.bytes;
        from = slice.to;
      }
      if (from < group.bodies.length) return slices;
      // Positions ride on a slice; a group of positions alone gives an empty one.
      if (group.bodies.length === 0) {
        const bytes = group.stalled === undefined ? 0 : stalledBytes(group.stalled);
        if (bytes > left && slices.length > 0) return slices;
        slices.push({ group, from: 0, to: 0, bytes, tooLarge: false });
        left -= bytes;
      }
      from = 0;
    }
    return slices;
  }

  done(slices: readonly Slice[]): void {
    for (const { group, to } of slices) {
      this.#offset = to;
      if (to < group.bodies.length) continue;
      this.#groups.shift();
      this.#offset = 0;
    }
  }

  #slice(group: EntryGroup, from: number, left: number, atLeastOne: boolean): Slice {
    let bytes = 0;
    let to = from;
    for (; to < group.bodies.length; to += 1) {
      const body = group.bodies[to] ?? '';
      if (this.#tooLarge(body)) {
        if (to > from) break;
        return { group, from, to: to + 1, bytes: entryBytes(body), tooLarge: true };
      }
      const next = bytes + entryBytes(body);
      if (next > left && !(atLeastOne && to === from)) break;
      bytes = next;
    }
    return { group, from, to, bytes, tooLarge: false };
  }

  #tooLarge(body: string): boolean {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    return body.length * 3 > this.#recordBytes && Buffer.byteLength(body) > this.#recordBytes;
  }
}

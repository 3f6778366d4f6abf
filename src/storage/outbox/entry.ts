import type { RecordType } from '../../common/core/index.ts';
import { CLOCK_TRUSTED, URGENT } from './tables.ts';

/** A record on its way into the outbox. */
export interface Entry {
  readonly pipeline: string;
  readonly type: RecordType;
  /** Event time, ms since the epoch. */
  readonly t: number;
  /** Whether the clock was trusted when it was made. */
  readonly clock: boolean;
  /** Committed at once and sent before the backlog. */
  readonly urgent: boolean;
  /** The record as a JSON object, with members, but without `seq` and `clock`. */
  readonly body: string;
}

/** How far a source has been read, in the source's own words. */
export interface Mark {
  readonly source: string;
  readonly position: string;
}

/** A mark among the entries of its group: true when so many of them are committed, and all earlier groups. */
export interface PlacedMark extends Mark {
  readonly after: number;
}

/** How many entries of a kind did not get to the disk, and what became of them. */
export interface StalledCount {
  readonly pipeline: string;
  readonly type: RecordType;
  readonly became: 'folded' | 'dropped';
  readonly count: number;
}

/** What stands for entries that memory had no room for while the disk was stalled. */
export interface Stalled {
  readonly counts: readonly StalledCount[];
  /** Event times. */
  readonly from: number;
  readonly to: number;
  readonly summaries: readonly { readonly pipeline: string; readonly t: number; readonly body: string }[];
}

/** Entries as they cross to the store thread: columns, because structured clone pays per object. */
export interface EntryGroup {
  readonly kinds: readonly { readonly pipeline: string; readonly type: RecordType }[];
  /** Per entry: index into `kinds` times four, plus the flags of the record. */
  readonly meta: Uint32Array;
  readonly t: Float64Array;
  readonly bodies: readonly string[];
  /** In the order of their places. */
  readonly marks: readonly PlacedMark[];
  /** Behind all entries: what stands for those that memory had no room for. */
  readonly stalled?: Stalled;
}

/** What an entry costs beside its text, on the heap and in the file. */
const ENTRY_OVERHEAD = 48;

/** Memory that an entry is charged while it is not committed. */
export function entryBytes(body: string): number {
  return body.length + ENTRY_OVERHEAD;
}

export function stalledBytes({ summaries }: Stalled): number {
  return summaries.reduce((sum, { body }) => sum + entryBytes(body), 0);
}

/** A group of nothing but what stands for entries that are gone. */
export function stalledGroup(stalled: Stalled): EntryGroup {
  return { kinds: [], meta: new Uint32Array(), t: new Float64Array(), bodies: [], marks: [], stalled };
}

/** Gathers entries into a group. */
export class Gathering {
  bytes = 0;
  private kinds: { pipeline: string; type: RecordType }[] = [];
  private meta: number[] = [];
  private t: number[] = [];
  private bodies: string[] = [];
  private marks: PlacedMark[] = [];

  get empty(): boolean {
    return this.bodies.length === 0 && this.marks.length === 0;
  }

  add(entry: Entry): void {
    const flags = (entry.urgent ? URGENT : 0) | (entry.clock ? CLOCK_TRUSTED : 0);
    this.meta.push(this.kindOf(entry) * 4 + flags);
    // Of no use to anybody, but it must not block the records behind it.
    this.t.push(Number.isFinite(entry.t) ? entry.t : 0);
    this.bodies.push(entry.body);
    this.bytes += entryBytes(entry.body);
  }

  mark({ source, position }: Mark): void {
    this.marks.push({ source, position, after: this.bodies.length });
  }

  /** The group so far; the gathering starts anew. */
  take(): EntryGroup {
    const group: EntryGroup = {
      kinds: this.kinds,
      meta: Uint32Array.from(this.meta),
      t: Float64Array.from(this.t),
      bodies: this.bodies,
      marks: this.marks,
    };
    this.kinds = [];
    this.meta = [];
    this.t = [];
    this.bodies = [];
    this.marks = [];
    this.bytes = 0;
    return group;
  }

  private kindOf({ pipeline, type }: Entry): number {
    const { kinds } = this;
    // A handful per gateway: a walk is faster than a map with made-up keys.
    for (let index = 0; index < kinds.length; index += 1) {
      if (kinds[index]?.type === type && kinds[index]?.pipeline === pipeline) return index;
    }
    return kinds.push({ pipeline, type }) - 1;
  }
}

/** Entries [from, to) of a group; a record beyond the limit is a slice of its own. */
export interface Slice {
  readonly group: EntryGroup;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly tooLarge: boolean;
}

/** The newest position of each source that is true once the slice is committed. */
export function marksOf({ group, from, to }: Slice): Mark[] {
  const newest = new Map<string, Mark>();
  for (const mark of group.marks) {
    const mine = mark.after <= to && (mark.after > from || from === 0);
    if (mine) newest.set(mark.source, mark);
  }
  return [...newest.values()];
}

/** Groups that wait for their transaction, first in, first out. */
export class Intake {
  private groups: EntryGroup[] = [];
  /** Entries of the first group that are committed. */
  private offset = 0;
  private readonly recordBytes: number;

  constructor(recordBytes: number) {
    this.recordBytes = recordBytes;
  }

  get empty(): boolean {
    return this.groups.length === 0;
  }

  push(group: EntryGroup): void {
    this.groups.push(group);
  }

  /** The next entries up to so many bytes, at least one; they stay until `done`. */
  peek(limit: number): Slice[] {
    const slices: Slice[] = [];
    let left = limit;
    let from = this.offset;
    for (const group of this.groups) {
      while (left > 0 && from < group.bodies.length) {
        const slice = this.slice(group, from, left, slices.length === 0);
        if (slice.to === from) return slices;
        slices.push(slice);
        left -= slice.bytes;
        from = slice.to;
      }
      if (from < group.bodies.length) return slices;
      // Marks ride on a slice; a group of marks alone gives an empty one.
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
      this.offset = to;
      if (to < group.bodies.length) continue;
      this.groups.shift();
      this.offset = 0;
    }
  }

  private slice(group: EntryGroup, from: number, left: number, atLeastOne: boolean): Slice {
    let bytes = 0;
    let to = from;
    for (; to < group.bodies.length; to += 1) {
      const body = group.bodies[to] ?? '';
      if (this.tooLarge(body)) {
        if (to > from) break;
        return { group, from, to: to + 1, bytes: entryBytes(body), tooLarge: true };
      }
      const next = bytes + entryBytes(body);
      if (next > left && !(atLeastOne && to === from)) break;
      bytes = next;
    }
    return { group, from, to, bytes, tooLarge: false };
  }

  private tooLarge(body: string): boolean {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    return body.length * 3 > this.recordBytes && Buffer.byteLength(body) > this.recordBytes;
  }
}

import type { RecordType } from '../../../../common/core/index.ts';

/** A record on its way into the outbox. */
export interface Entry {
  readonly pipeline: string;
  readonly type: RecordType;
  /** Event time, ms since the epoch. */
  readonly t: number;
  /** Whether the clock was trusted when it was made. */
  readonly clock: boolean;
  /** An urgent entry is committed at once and sent before the backlog. */
  readonly urgent: boolean;
  /** The record as a JSON object that has members, but neither `seq` nor `clock`. */
  readonly body: string;
}

/** How far a source has been read, in the source's own words. */
export interface SourcePosition {
  readonly source: string;
  readonly position: string;
}

/**
 * A source position among the entries of its group: it holds once `after` of them, and all earlier groups, are
 * committed.
 */
export interface PlacedPosition extends SourcePosition {
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

/** Entries as they cross to the storage thread: columns, because structured clone pays per object. */
export interface EntryGroup {
  readonly kinds: readonly { readonly pipeline: string; readonly type: RecordType }[];
  /** Per entry: index into `kinds` times four, plus the flags of the record. */
  readonly meta: Uint32Array;
  readonly t: Float64Array;
  readonly bodies: readonly string[];
  /** Positions in the order of their places. */
  readonly positions: readonly PlacedPosition[];
  /** Stands behind all entries for those that memory had no room for. */
  readonly stalled?: Stalled;
}

/** Bytes that an entry costs beside its text, on the heap and in the file. */
const ENTRY_OVERHEAD = 48;

/** Bytes of memory that an entry is charged until it is committed. */
export function entryBytes(body: string): number {
  return body.length + ENTRY_OVERHEAD;
}

/** Bytes of memory that the summaries of a stall are charged until they are committed. */
export function stalledBytes({ summaries }: Stalled): number {
  return summaries.reduce((sum, { body }) => sum + entryBytes(body), 0);
}

/** A group without entries, which only carries what stands for those that are gone. */
export function stalledGroup(stalled: Stalled): EntryGroup {
  return { kinds: [], meta: new Uint32Array(), t: new Float64Array(), bodies: [], positions: [], stalled };
}

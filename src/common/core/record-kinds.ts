import type { RecordType } from './record.ts';

/** What the rooms have to know of a record's type to take it in, keep it and send it. */
export interface RecordKind {
  /** Is committed at once, and goes out before everything that is not urgent. */
  readonly urgent: boolean;
  /** The same where the uplink has a byte budget, part of which is kept for urgent records. */
  readonly urgentWhenMetered: boolean;
  /**
   * Is covered by the position of its source: a start that resumes before that position makes it again, so that it is
   * not stored twice. What is not covered may come later than the reading that caused it.
   */
  readonly covered: boolean;
  /**
   * How it gives way where there is no room: `thinned`, folded into summaries in its place; `coarsened`, merged with
   * its neighbours; or `dropped`, last of all.
   */
  readonly givesWay: 'thinned' | 'coarsened' | 'dropped';
  /** Of types that are thinned: before all others, whatever the priority of the pipeline, and none is kept. */
  readonly thinnedFirst?: true;
}

/**
 * Every type of record, with what is particular to it. A type that is added here and to `OutboxRecord` needs a schema
 * in `protocol` and somebody who makes it; the rooms in between read this table. The order is that of `watch --type`.
 */
export const RECORD_KINDS: { readonly [T in RecordType]: RecordKind } = {
  prediction: { urgent: false, urgentWhenMetered: false, covered: true, givesWay: 'thinned' },
  shadow: { urgent: false, urgentWhenMetered: false, covered: true, givesWay: 'thinned', thinnedFirst: true },
  summary: { urgent: false, urgentWhenMetered: true, covered: true, givesWay: 'coarsened' },
  alarm: { urgent: true, urgentWhenMetered: true, covered: false, givesWay: 'dropped' },
  loss: { urgent: true, urgentWhenMetered: true, covered: false, givesWay: 'dropped' },
  event: { urgent: true, urgentWhenMetered: true, covered: false, givesWay: 'dropped' },
};

/** Every type that this version knows, in the order of the table. */
export const RECORD_TYPES: readonly RecordType[] = Object.keys(RECORD_KINDS).filter(isRecordType);

/** Whether a type, as it came over the wire or out of a file, is one that this version knows. */
export function isRecordType(type: string): type is RecordType {
  return Object.hasOwn(RECORD_KINDS, type);
}

/** A type of a later version, which is in the file after a downgrade: nothing here knows how to thin it. */
const UNKNOWN: RecordKind = { urgent: false, urgentWhenMetered: false, covered: false, givesWay: 'dropped' };

/** The row of a type that comes out of a file, and may be of a later version. */
export function recordKindOf(type: string): RecordKind {
  return isRecordType(type) ? RECORD_KINDS[type] : UNKNOWN;
}

import type { ByteReader, ByteWriter, Window } from '../../common/core/index.ts';
import type { WindowSpec } from './schema.ts';

/** Status of a tag that a reading does not carry; no status code has this number. */
export const ABSENT = 0xffffffff;

/** One tag of the model as its windows see it. */
export interface WindowTag {
  readonly name: string;
  /** Least and greatest value seen in training; a value outside is kept and marked. */
  readonly range?: readonly [number, number];
  /** Expected sampling period, ms; tells how many samples a time window should hold. */
  readonly period?: number;
  /** How long, in ms of event time, its last value stands for one that does not come; absent for not at all. */
  readonly hold?: number;
  /** Whether the model takes windows in which samples of it are bad or missing, however many. */
  readonly missing?: true;
}

/**
 * How readings are cut into windows. Its JSON is hashed in checkpoints: the names of its properties must not change.
 */
export interface WindowOptions {
  readonly tags: readonly WindowTag[];
  readonly window: WindowSpec;
  /** How far, in ms of event time, a reading may lie behind the newest one and still be put in its place. */
  readonly lateness: number;
  /** Silence in ms of processing time after which a tag is no longer waited for. */
  readonly idle: number;
  /** Share of a tag's samples, 0 to 1, that may be bad or missing before a window is bad. */
  readonly maxMissing: number;
  /** The most samples that are held for the asset. */
  readonly maxReadings: number;
  /** Event time, ms, within which readings of different tags are one row of a count window; absent for the same time. */
  readonly join?: number;
}

/**
 * What became of a reading:
 * `accepted`: it is in the windows. `late`: every window or row it belongs to is closed. `duplicate`: it brings nothing
 * new. `stepped`: the source's clock was set back; the windows were reset and begin with this reading.
 * `full`: it is in the windows, but the oldest row or window has to close before its time to make room.
 */
export type PushOutcome = 'accepted' | 'late' | 'duplicate' | 'stepped' | 'full';

/**
 * Where a reading comes from that is not just measured: of a `recording`, so that processing time says nothing of its
 * pace, or for the second time (`again`), perhaps, so that being late says nothing of its clock.
 */
export type ReadingOrigin = 'recording' | 'again';

/** Counts of readings by outcome, and how often a gap emptied a count window. */
export type WindowCounters = Record<PushOutcome | 'gaps', number>;

/**
 * The windows of one asset in one pipeline: a pure machine with time as an argument.
 * After each `push`, `tick` and `flush` call `next` until it has nothing; only then are closed windows out.
 */
export interface AssetWindows {
  readonly counters: Readonly<WindowCounters>;
  /** Newest event time that came; -Infinity before the first. */
  readonly newest: number;
  /** Event time up to which windows are closed: none that ends by then comes any more; -Infinity before the first. */
  readonly closed: number;
  /** Gives the time of the oldest sample that is held and not in a window which ends by `to`; Infinity for none. */
  oldestBehind(to: number): number;
  /**
   * Takes one reading: a value and a status per tag, `ABSENT` where it carries none. Both arrays stay the caller's.
   * `t`: event time, ms. `now`: processing time, ms, never going backwards.
   */
  push(t: number, values: Float64Array, status: Uint32Array, now: number, origin?: ReadingOrigin): PushOutcome;
  /** Takes note of a reading that is not used, since a gate is closed: its values may be held. */
  pass(t: number, values: Float64Array, status: Uint32Array): void;
  /** Lets processing time pass: tags silent for `idle` are no longer waited for. */
  tick(now: number): void;
  /**
   * Forgets the readings that are held, as at a stop of the machine, but not how far they had come: the next window
   * begins with the next reading, behind those that are closed, and what is late stays so.
   */
  empty(): void;
  /** Ends the input: everything that has begun closes with what it holds. */
  flush(): void;
  /**
   * Gives the next closed window; it and its signals are valid until the next call of any method. With a limit only one
   * that ends before it, or, `including` it, by it.
   */
  next(limit?: number, including?: boolean): Window | undefined;
  /** Gives the processing time at which a `tick` may close something; undefined while nothing waits. */
  wakeAt(): number | undefined;
  /** Writes what is held, between two readings: all that later windows depend on, but not the counters. */
  save(out: ByteWriter, now: number): void;
  /**
   * Resumes where windows of the same options were saved; to be called on new ones. Processing time between the two
   * does not count as silence. Throws RangeError where the bytes are no such state.
   */
  restore(from: ByteReader, now: number): void;
  /**
   * Begins behind windows of the same options that are gone, so that none of theirs is given twice; to be called on new
   * ones. `closed`, `newest`: what these had. A reading before that is late, and may tell of a clock that was set back.
   */
  beginBehind(closed: number, newest: number): void;
  /**
   * Notes that readings may be gone between those taken and those to come: windows that have a time of which some may
   * be missing say so, with the reason.
   */
  interrupted(reason: string): void;
}

/** Makes counters of nothing. */
export function createCounters(): WindowCounters {
  return { accepted: 0, late: 0, duplicate: 0, stepped: 0, full: 0, gaps: 0 };
}

import type { Quality } from './quality.ts';

/**
 * The usable samples of one tag in a window, in time order: elements [start, end) of both arrays.
 * A view into reused memory, valid until the next call into the windows that made it.
 */
export interface Signal {
  readonly values: Float64Array;
  /** Event times, ms since the epoch. */
  readonly times: Float64Array;
  readonly start: number;
  readonly end: number;
  /** Samples a second, where they are known to be evenly spaced at exactly this rate. */
  readonly rate?: number;
}

/** A closed window over the tags of one model, in the order in which the windows were given them. */
export interface Window {
  /** Event time, ms. A time window is [from, to); a count window runs from its first reading to its last. */
  readonly from: number;
  readonly to: number;
  readonly quality: Quality;
  /** Samples of the tag at this index; bad and missing ones are left out. */
  signal(tag: number): Signal;
  /** Whether samples of the tag are bad or missing. */
  lacks(tag: number): boolean;
  /** The same as `signal`, but a bad or missing sample of a reading that came stands in its place, as NaN. */
  aligned(tag: number): Signal;
}

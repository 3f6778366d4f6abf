import { formatDuration, StatusCode } from '../../common/core/index.ts';
import type { Shortfall } from './quality.ts';
import type { Track } from './track.ts';

/** Periods that neighbours may lie apart by jitter alone, without a sample lost between them. */
const MAX_SPACING = 1.5;

/** Rounding of a quotient of durations: this close below a whole number it is one. */
const ROUNDING = 1e-9;

/** Number of samples that a tag has in a window; both times in ms. */
export function expectedSamples(length: number, period: number): number {
  return Math.max(1, Math.floor(length / period + ROUNDING));
}

/**
 * Finds what a tag lacks in the time window [from, to), elements [start, end) being what it has; undefined for nothing.
 * With a declared period its samples are counted; one less than expected is none missing as long as no neighbours are
 * further apart than jitter explains, since a window's edge may fall between a sample and its nominal time. Without a
 * period a tag can only lack what lies before its very first sample, and what lies behind its last one when the window
 * closed without waiting for more; either counts where it is longer than the tag's own spacing explains.
 */
export function shortfallOf(
  track: Track,
  period: number | undefined,
  [start, end]: readonly [number, number],
  [from, to]: readonly [number, number],
  silent: boolean,
): Shortfall | undefined {
  const lack =
    period === undefined ? uncovered(track, start, end, from, to) : uncounted(track, period, start, end, from, to);
  return lack && { ...lack, code: codeOf(track, start === end, from, to, silent) };
}

type Lack = Omit<Shortfall, 'code'>;

function uncounted(
  track: Track,
  period: number,
  start: number,
  end: number,
  from: number,
  to: number,
): Lack | undefined {
  const expected = expectedSamples(to - from, period);
  const missing = expected - (end - start);
  if (missing <= 0) return undefined;
  if (missing === 1 && end - start > 1 && largestSpacing(track.times, start, end, from, to) <= MAX_SPACING * period)
    return undefined;
  return { share: missing / expected, text: `missing ${missing} of ${expected}` };
}

function uncovered(track: Track, start: number, end: number, from: number, to: number): Lack | undefined {
  const length = to - from;
  if (start === end) return { share: 1, text: `missing ${formatDuration(length)} of ${formatDuration(length)}` };
  const first = track.times[start] as number;
  const last = track.times[end - 1] as number;
  const usual = end - start > 1 ? (MAX_SPACING * (last - first)) / (end - start - 1) : 0;
  const head = track.since > from && first - from > usual ? first - from : 0;
  const tail = track.latest < to && to - last > usual ? to - last : 0;
  if (head + tail === 0) return undefined;
  return {
    share: (head + tail) / length,
    text: `missing ${formatDuration(head + tail)} of ${formatDuration(length)}`,
  };
}

function largestSpacing(times: Float64Array, start: number, end: number, from: number, to: number): number {
  let previous = from;
  let largest = 0;
  for (let i = start; i < end; i += 1) {
    const t = times[i] as number;
    if (t - previous > largest) largest = t - previous;
    previous = t;
  }
  return Math.max(largest, to - previous);
}

function codeOf(track: Track, none: boolean, from: number, to: number, silent: boolean): StatusCode {
  if (silent || (none && !(track.since >= to && track.since < Number.POSITIVE_INFINITY)))
    return StatusCode.BadNoCommunication;
  return track.since > from ? StatusCode.BadWaitingForInitialData : StatusCode.BadDataLost;
}

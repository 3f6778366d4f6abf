import type { Signal } from '../../../common/core/index.ts';

/** What `rateOf` takes, for people who write manifests. */
export const EVENLY_SPACED = 'evenly spaced samples: in blocks, at a steady period, or on a grid';

/** Share of a period by which a sample may be off its place: the clocks of sensors jitter, lost samples show. */
const MAX_JITTER = 0.25;

/**
 * Finds the samples a second of an evenly spaced signal: what it declares, else (n - 1) / (last - first time). NaN
 * where it is not evenly spaced, since a spectrum of it would show frequencies that are not there.
 */
export function rateOf({ times, start, end, rate }: Signal): number {
  if (rate !== undefined) return rate;
  const first = times[start] as number;
  const period = ((times[end - 1] as number) - first) / (end - 1 - start);
  if (!(period > 0)) return Number.NaN;
  for (let i = start + 1; i < end; i += 1) {
    const nominal = first + (i - start) * period;
    if (Math.abs((times[i] as number) - nominal) > MAX_JITTER * period) return Number.NaN;
  }
  return 1000 / period;
}

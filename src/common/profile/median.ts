import type { Reference } from './schema.ts';

/**
 * Gives the median of a reference: as it was written down, else out of the bins, the one in the middle taken as filled
 * evenly.
 */
export function medianOf({ median, edges, distribution }: Reference): number {
  if (median !== undefined) return median;
  const { counts, underflow, n, mean } = distribution;
  let below = underflow;
  for (const [bin, count] of counts.entries()) {
    const low = edges[bin] ?? mean;
    const high = edges[bin + 1] ?? mean;
    if (count > 0 && below + count >= n / 2) return low + (high - low) * Math.max(0, (n / 2 - below) / count);
    below += count;
  }
  return mean;
}

/** Computes the variance of the reference data (of the population); NaN where there is none. */
export function varianceOf({ distribution: { m2, n } }: Reference): number {
  return n > 0 ? m2 / n : Number.NaN;
}

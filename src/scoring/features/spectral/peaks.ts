import * as z from 'zod';
import { type Bins, bandKeys } from './band.ts';
import { segment } from './welch.ts';

/** The parameters of a feature of a peak. */
export const peakKeys = {
  ...bandKeys,
  segment,
  rank: z.int().min(1).max(16).default(1).describe('1 for the highest peak, 2 for the next one, and so on.'),
};

/**
 * Finds the bin of the peak of a rank by height, of equals the lowest frequency; -1 where there are fewer. A peak is a
 * bin of [first, end) above both neighbours; a flat top is one peak at its first bin. Peaks are few: no list is made.
 */
export function peakOf(density: Float64Array, length: number, { first, end }: Bins, rank: number): number {
  let height = Number.POSITIVE_INFINITY;
  let place = -1;
  for (let r = 0; r < rank; r += 1) {
    let best = -1;
    for (let k = Math.max(1, first); k < Math.min(end, length - 1); k += 1) {
      const power = density[k] as number;
      const behind = power < height || (power === height && k > place);
      if (behind && (best < 0 || power > (density[best] as number)) && isPeak(density, length, k)) best = k;
    }
    if (best < 0) return -1;
    place = best;
    height = density[best] as number;
  }
  return place;
}

function isPeak(density: Float64Array, length: number, k: number): boolean {
  const power = density[k] as number;
  if (power <= (density[k - 1] as number)) return false;
  let right = k + 1;
  while (right < length && density[right] === power) right += 1;
  return right < length && power > (density[right] as number);
}

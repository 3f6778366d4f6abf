import * as z from 'zod';
import type { FeatureDefinition } from './definition.ts';
import { EMPTY_BAND, isBand } from './spectral/band.ts';
import { inBand } from './spectral/in-band.ts';
import { peakKeys, peakOf } from './spectral/peaks.ts';
import { SPECTRUM_NEEDS } from './spectral/welch.ts';

const params = z.strictObject(peakKeys).refine(isBand, EMPTY_BAND);

/**
 * Frequency of the highest (or 2nd, 3rd ... by `rank`) local maximum of Welch's density in [low, high), in Hz, to a bin
 * (scipy.signal.find_peaks, by height); 0 where there are not so many.
 */
export const peakFrequency: FeatureDefinition<z.output<typeof params>> = {
  name: 'peak_frequency',
  description: 'Where the spectrum has its highest peaks.',
  needs: SPECTRUM_NEEDS,
  unit: () => 'Hz',
  params,
  create: (params, context) =>
    inBand(params, context, ({ density, length, step }, bins) => {
      const bin = peakOf(density, length, bins, params.rank);
      return bin < 0 ? 0 : bin * step;
    }),
};

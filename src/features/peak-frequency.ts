import { z } from 'zod';
import type { FeatureDefinition } from './definition.ts';
import { binsOf, EMPTY_BAND, isBand } from './spectral/band.ts';
import { peakKeys, peakOf } from './spectral/peaks.ts';
import { SPECTRUM_NEEDS, welch } from './spectral/welch.ts';

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
  create: ({ low, high, segment, rank }, context) => {
    const spectrum = welch(segment, context);
    return (signal) => {
      const found = spectrum(signal);
      if (found === undefined) return Number.NaN;
      const bin = peakOf(found.density, found.length, binsOf(found, low, high), rank);
      return bin < 0 ? 0 : bin * found.step;
    };
  },
};

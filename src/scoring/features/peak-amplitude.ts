import * as z from 'zod';
import type { FeatureDefinition } from './definition.ts';
import { EMPTY_BAND, isBand } from './spectral/band.ts';
import { inBand } from './spectral/in-band.ts';
import { peakKeys, peakOf } from './spectral/peaks.ts';
import { SPECTRUM_NEEDS } from './spectral/welch.ts';

const params = z.strictObject(peakKeys).refine(isBand, EMPTY_BAND);

/**
 * Amplitude of the sine that the highest (or `rank`-th) peak of Welch's density stands for: sqrt(2 P(f) x b), b the noise
 * bandwidth of the Hann window (scipy.signal.welch with scaling "spectrum"), in the tag's unit. Up to 15 % low for a
 * line between two bins; 0 where there are not so many peaks.
 */
export const peakAmplitude: FeatureDefinition<z.output<typeof params>> = {
  name: 'peak_amplitude',
  description: 'How high the highest peaks of the spectrum are.',
  needs: SPECTRUM_NEEDS,
  unit: (tagUnit) => tagUnit,
  params,
  create: (params, context) =>
    inBand(params, context, ({ density, length, bandwidth }, bins) => {
      const bin = peakOf(density, length, bins, params.rank);
      return bin < 0 ? 0 : Math.sqrt(2 * (density[bin] as number) * bandwidth);
    }),
};

import { z } from 'zod';
import type { FeatureDefinition } from './definition.ts';
import { bandKeys, binsOf, EMPTY_BAND, isBand, sumOf } from './spectral/band.ts';
import { SPECTRUM_NEEDS, segment, welch } from './spectral/welch.ts';

const params = z.strictObject({ ...bandKeys, segment }).refine(isBand, EMPTY_BAND);

/**
 * Power of the signal between two frequencies: sum over the bins f in [low, high) of P(f) x df, P being Welch's density
 * (Welch 1967, scipy.signal.welch), in the tag's unit squared. Over all frequencies it is about the variance.
 */
export const bandPower: FeatureDefinition<z.output<typeof params>> = {
  name: 'band_power',
  description: 'Power in a band of frequencies.',
  needs: SPECTRUM_NEEDS,
  unit: (tagUnit) => `(${tagUnit})²`,
  params,
  create: ({ low, high, segment: size }, context) => {
    const spectrum = welch(size, context);
    return (signal) => {
      const found = spectrum(signal);
      return found === undefined ? Number.NaN : sumOf(found.density, binsOf(found, low, high)) * found.step;
    };
  },
};

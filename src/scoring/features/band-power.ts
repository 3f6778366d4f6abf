import type { FeatureDefinition } from './definition.ts';
import { sumOf } from './spectral/band.ts';
import { type BandParams, bandParams, inBand } from './spectral/in-band.ts';
import { SPECTRUM_NEEDS } from './spectral/welch.ts';

/**
 * Power of the signal between two frequencies: sum over the bins f in [low, high) of P(f) x df, P being Welch's density
 * (Welch 1967, scipy.signal.welch), in the tag's unit squared. Over all frequencies it is about the variance.
 */
export const bandPower: FeatureDefinition<BandParams> = {
  name: 'band_power',
  description: 'Power in a band of frequencies.',
  needs: SPECTRUM_NEEDS,
  unit: (tagUnit) => `(${tagUnit})²`,
  params: bandParams,
  create: (band, context) => inBand(band, context, ({ density, step }, bins) => sumOf(density, bins) * step),
};

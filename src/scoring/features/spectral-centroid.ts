import type { FeatureDefinition } from './definition.ts';
import { sumOf } from './spectral/band.ts';
import { type BandParams, bandParams, inBand } from './spectral/in-band.ts';
import { SPECTRUM_NEEDS } from './spectral/welch.ts';

/**
 * Mean frequency of the power, sum(f P(f)) / sum(P(f)) over the bins in [low, high) of Welch's density, in Hz; 0 where
 * there is no power (Peeters 2004, "A large set of audio features", on power instead of amplitude).
 */
export const spectralCentroid: FeatureDefinition<BandParams> = {
  name: 'spectral_centroid',
  description: 'Frequency about which the power lies.',
  needs: SPECTRUM_NEEDS,
  unit: () => 'Hz',
  params: bandParams,
  create: (band, context) =>
    inBand(band, context, ({ density, step }, bins) => {
      const power = sumOf(density, bins);
      let moment = 0;
      for (let k = bins.first; k < bins.end; k += 1) moment += k * (density[k] as number);
      return power === 0 ? 0 : (moment / power) * step;
    }),
};

import type { FeatureDefinition } from './definition.ts';
import { sumOf } from './spectral/band.ts';
import { type BandParams, bandParams, inBand } from './spectral/in-band.ts';
import { SPECTRUM_NEEDS } from './spectral/welch.ts';

/**
 * How evenly the power is spread: -sum(p ln p) / ln(n) over the n bins in [low, high), p = P(f) / sum(P), of Welch's
 * density; without unit, 0 for one line or no power, 1 for white noise (Inouye et al. 1991).
 */
export const spectralEntropy: FeatureDefinition<BandParams> = {
  name: 'spectral_entropy',
  description: 'Spread of the power over the spectrum, 0 to 1.',
  needs: SPECTRUM_NEEDS,
  unit: () => '1',
  params: bandParams,
  create: (band, context) =>
    inBand(band, context, ({ density }, bins) => {
      const power = sumOf(density, bins);
      if (power === 0 || bins.end - bins.first < 2) return 0;
      let entropy = 0;
      for (let k = bins.first; k < bins.end; k += 1) {
        const share = (density[k] as number) / power;
        if (share > 0) entropy -= share * Math.log(share);
      }
      return entropy / Math.log(bins.end - bins.first);
    }),
};

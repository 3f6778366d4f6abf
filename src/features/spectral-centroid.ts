import { z } from 'zod';
import type { FeatureDefinition } from './definition.ts';
import { bandKeys, binsOf, EMPTY_BAND, isBand, sumOf } from './spectral/band.ts';
import { SPECTRUM_NEEDS, segment, welch } from './spectral/welch.ts';

const params = z.strictObject({ ...bandKeys, segment }).refine(isBand, EMPTY_BAND);

/**
 * Mean frequency of the power, sum(f P(f)) / sum(P(f)) over the bins in [low, high) of Welch's density, in Hz; 0 where
 * there is no power (Peeters 2004, "A large set of audio features", on power instead of amplitude).
 */
export const spectralCentroid: FeatureDefinition<z.output<typeof params>> = {
  name: 'spectral_centroid',
  description: 'Frequency about which the power lies.',
  needs: SPECTRUM_NEEDS,
  unit: () => 'Hz',
  params,
  create: ({ low, high, segment: size }, context) => {
    const spectrum = welch(size, context);
    return (signal) => {
      const found = spectrum(signal);
      if (found === undefined) return Number.NaN;
      const bins = binsOf(found, low, high);
      const power = sumOf(found.density, bins);
      let moment = 0;
      for (let k = bins.first; k < bins.end; k += 1) moment += k * (found.density[k] as number);
      return power === 0 ? 0 : (moment / power) * found.step;
    };
  },
};

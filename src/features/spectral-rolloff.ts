import { z } from 'zod';
import type { FeatureDefinition } from './definition.ts';
import { bandKeys, binsOf, EMPTY_BAND, isBand, sumOf } from './spectral/band.ts';
import { SPECTRUM_NEEDS, segment, welch } from './spectral/welch.ts';

const params = z
  .strictObject({
    ...bandKeys,
    segment,
    share: z.number().gt(0).max(1).default(0.85).describe('Share of the power that lies at or below the frequency.'),
  })
  .refine(isBand, EMPTY_BAND);

/**
 * Least frequency at or below which a share of the power lies, over the bins in [low, high) of Welch's density, in Hz; 0
 * where there is no power (Peeters 2004, with 0.95; 0.85 is librosa's).
 */
export const spectralRolloff: FeatureDefinition<z.output<typeof params>> = {
  name: 'spectral_rolloff',
  description: 'Frequency below which most of the power lies.',
  needs: SPECTRUM_NEEDS,
  unit: () => 'Hz',
  params,
  create: ({ low, high, segment: size, share }, context) => {
    const spectrum = welch(size, context);
    return (signal) => {
      const found = spectrum(signal);
      if (found === undefined) return Number.NaN;
      const { first, end } = binsOf(found, low, high);
      const wanted = share * sumOf(found.density, { first, end });
      let sum = 0;
      for (let k = first; k < end && wanted > 0; k += 1) {
        sum += found.density[k] as number;
        if (sum >= wanted) return k * found.step;
      }
      return 0;
    };
  },
};

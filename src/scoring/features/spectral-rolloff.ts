import * as z from 'zod';
import type { FeatureDefinition } from './definition.ts';
import { bandKeys, EMPTY_BAND, isBand, sumOf } from './spectral/band.ts';
import { inBand } from './spectral/in-band.ts';
import { SPECTRUM_NEEDS, segment } from './spectral/welch.ts';

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
  create: (params, context) =>
    inBand(params, context, ({ density, step }, bins) => {
      const wanted = params.share * sumOf(density, bins);
      let sum = 0;
      for (let k = bins.first; k < bins.end && wanted > 0; k += 1) {
        sum += density[k] as number;
        if (sum >= wanted) return k * step;
      }
      return 0;
    }),
};

import * as z from 'zod';
import type { FeatureDefinition } from './definition.ts';
import { notAcceleration } from './errors.ts';
import { bandKeys, binsOf, EMPTY_BAND, isBand } from './spectral/band.ts';
import { periodogram } from './spectral/periodogram.ts';
import { EVENLY_SPACED } from './spectral/rate.ts';

const params = z
  .strictObject({
    low: bandKeys.low.default(10).describe('Lower edge of the band, Hz, inside it; above 0.'),
    high: bandKeys.high.default(1000),
  })
  .refine(({ low }) => low > 0, {
    message: 'must be above 0: what stands still has no bound in velocity',
    path: ['low'],
  })
  .refine(isBand, EMPTY_BAND);

/** mm/s² in one unit of acceleration; standard gravity as in ISO 80000-3. */
const MILLIMETRES: Readonly<Record<string, number>> = {
  g: 9806.65,
  mg: 9.80665,
  'm/s2': 1000,
  'm/s²': 1000,
  'm/s^2': 1000,
  'mm/s2': 1,
  'mm/s²': 1,
};

/** Cycles of the lowest frequency that a signal must span, so that it can be told from a trend. */
const CYCLES = 4;

/**
 * Root mean square of vibration velocity from acceleration, mm/s, in the band of ISO 20816-1 (10 to 1000 Hz):
 * sqrt(sum P(f) df / (2 pi f)^2) over the bins in [low, high), P the density of a Hann periodogram of the whole signal
 * (scipy.signal.periodogram). NaN where the signal is shorter than 4 cycles of `low` or sampled at less than 2 x high.
 */
export const velocityRms: FeatureDefinition<z.output<typeof params>> = {
  name: 'velocity_rms',
  description: 'Vibration severity: RMS velocity from acceleration, 10 to 1000 Hz (ISO 20816).',
  needs: `${EVENLY_SPACED}; ${CYCLES} cycles of \`low\` or more, at 2 x \`high\` samples a second or more; of a tag in g, mg, m/s2 or mm/s2`,
  unit: () => 'mm/s',
  params,
  create: ({ low, high }, context) => {
    const factor = MILLIMETRES[context.unit];
    if (factor === undefined)
      throw notAcceleration('velocity_rms', `the tag's unit is ${context.unit || 'not stated'}`);
    const spectrum = periodogram(context);
    return (signal) => {
      const found = spectrum(signal);
      if (found === undefined || 2 * high > found.rate || found.duration * low < CYCLES) return Number.NaN;
      const { first, end } = binsOf(found, low, high);
      let square = 0;
      for (let k = first; k < end; k += 1) square += (found.density[k] as number) / (2 * Math.PI * k * found.step) ** 2;
      return factor * Math.sqrt(square * found.step);
    };
  },
};

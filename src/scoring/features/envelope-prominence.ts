import * as z from 'zod';
import { ENVELOPE_NEEDS, type EnvelopeSpectrum, envelopeSpectrum } from './bearing/envelope.ts';
import { orderOf } from './bearing/frequencies.ts';
import { linesAt } from './bearing/lines.ts';
import { defectKeys } from './bearing/params.ts';
import { shaftFrequency } from './bearing/shaft.ts';
import type { FeatureDefinition } from './definition.ts';
import { EMPTY_BAND, isBand } from './spectral/band.ts';

const params = z
  .strictObject({
    ...defectKeys,
    orders: z.number().min(1).max(1000).default(20).describe('Multiples of the shaft speed that make the background.'),
  })
  .refine(isBand, EMPTY_BAND);

/**
 * How far a bearing's defect frequency stands out of the envelope spectrum, without unit: the mean over the harmonics of
 * the amplitudes that `envelope_amplitude` sums, over the mean amplitude of all bins above 0 up to `orders` turns of the
 * shaft. About 1 to 3 in noise, whatever the sensor's gain; 0 for a constant. NaN as `envelope_amplitude` is.
 */
export const envelopeProminence: FeatureDefinition<z.output<typeof params>> = {
  name: 'envelope_prominence',
  description: 'How far a bearing defect stands out of what else modulates the vibration.',
  needs: ENVELOPE_NEEDS,
  unit: () => '1',
  params,
  tags: ({ speed }) => (typeof speed === 'number' ? [] : [speed.tag]),
  create: ({ defect, bearing, speed, low, high, harmonics, tolerance, orders }, context) => {
    const spectrum = envelopeSpectrum(low, high, context);
    const turns = shaftFrequency(speed, context);
    const order = orderOf(defect, bearing);
    return (signal) => {
      const found = spectrum(signal);
      if (found === undefined) return Number.NaN;
      const lines = linesAt(found, turns() * order, harmonics, tolerance) / harmonics;
      const background = backgroundOf(found, turns() * orders);
      return lines === 0 ? 0 : lines / background;
    };
  },
};

/** Mean amplitude above 0 and below a frequency. */
function backgroundOf({ amplitude, length, step }: EnvelopeSpectrum, frequency: number): number {
  const end = Math.min(length, Math.floor(frequency / step));
  let sum = 0;
  for (let k = 1; k < end; k += 1) sum += amplitude[k] as number;
  return sum / (end - 1);
}

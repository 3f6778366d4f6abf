import { z } from 'zod';
import { envelopeSpectrum } from './bearing/envelope.ts';
import { bearingSchema, DEFECTS, orderOf } from './bearing/frequencies.ts';
import { shaftFrequency, shaftSchema } from './bearing/shaft.ts';
import type { FeatureDefinition } from './definition.ts';
import { bandKeys, EMPTY_BAND, isBand } from './spectral/band.ts';

const params = z
  .strictObject({
    defect: z.enum(DEFECTS).describe('Ball pass of outer or inner race, ball spin, cage (FTF), or the shaft itself.'),
    bearing: bearingSchema,
    speed: shaftSchema,
    ...bandKeys,
    harmonics: z.int().min(1).max(20).default(1).describe('Sum over so many multiples of the frequency.'),
    tolerance: z
      .number()
      .min(0)
      .max(0.1)
      .default(0.02)
      .describe('Share of the frequency in which the line is looked for: bearings slip.'),
  })
  .refine(isBand, EMPTY_BAND);

/**
 * Amplitude of a bearing's defect frequency in the envelope spectrum, in the tag's unit: sum over the harmonics h of the
 * highest amplitude at h f (1 +- tolerance), f = shaft speed x order of the defect, in the envelope of what lies in
 * [low, high) (Randall and Antoni 2011). NaN where the speed is unknown or a harmonic is beyond the spectrum.
 */
export const envelopeAmplitude: FeatureDefinition<z.output<typeof params>> = {
  name: 'envelope_amplitude',
  description: 'How strongly a bearing defect modulates the vibration.',
  unit: (tagUnit) => tagUnit,
  params,
  tags: ({ speed }) => (typeof speed === 'number' ? [] : [speed.tag]),
  create: ({ defect, bearing, speed, low, high, harmonics, tolerance }, context) => {
    const spectrum = envelopeSpectrum(low, high, context);
    const turns = shaftFrequency(speed, context);
    const order = orderOf(defect, bearing);
    return (signal) => {
      const found = spectrum(signal);
      if (found === undefined) return Number.NaN;
      const { amplitude, step, length } = found;
      const bin = (turns() * order) / step;
      let sum = 0;
      for (let h = 1; h <= harmonics; h += 1) sum += highest(amplitude, length, h * bin, tolerance);
      return sum;
    };
  },
};

/** Greatest amplitude within a share of a bin, which need not be whole; the nearest bin always counts. NaN beyond the end. */
function highest(amplitude: Float64Array, length: number, bin: number, tolerance: number): number {
  const nearest = Math.round(bin);
  if (!(nearest < length)) return Number.NaN;
  const last = Math.min(length - 1, Math.floor(bin * (1 + tolerance)));
  let greatest = amplitude[nearest] as number;
  for (let k = Math.ceil(bin * (1 - tolerance)); k <= last; k += 1)
    greatest = Math.max(greatest, amplitude[k] as number);
  return greatest;
}

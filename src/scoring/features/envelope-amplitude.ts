import * as z from 'zod';
import { ENVELOPE_NEEDS, envelopeSpectrum } from './bearing/envelope.ts';
import { orderOf } from './bearing/frequencies.ts';
import { linesAt } from './bearing/lines.ts';
import { defectKeys } from './bearing/params.ts';
import { shaftFrequency } from './bearing/shaft.ts';
import type { FeatureDefinition } from './definition.ts';
import { EMPTY_BAND, isBand } from './spectral/band.ts';

const params = z.strictObject(defectKeys).refine(isBand, EMPTY_BAND);

/**
 * Amplitude of a bearing's defect frequency in the envelope spectrum, in the tag's unit: sum over the harmonics h of the
 * highest amplitude at h f (1 +- tolerance), f = shaft speed x order of the defect, in the envelope of what lies in
 * [low, high) (Randall and Antoni 2011). NaN where the speed is unknown or a harmonic is beyond the spectrum.
 */
export const envelopeAmplitude: FeatureDefinition<z.output<typeof params>> = {
  name: 'envelope_amplitude',
  description: 'How strongly a bearing defect modulates the vibration.',
  needs: ENVELOPE_NEEDS,
  unit: (tagUnit) => tagUnit,
  params,
  tags: ({ speed }) => (typeof speed === 'number' ? [] : [speed.tag]),
  create: ({ defect, bearing, speed, low, high, harmonics, tolerance }, context) => {
    const spectrum = envelopeSpectrum(low, high, context);
    const turns = shaftFrequency(speed, context);
    const order = orderOf(defect, bearing);
    return (signal) => {
      const found = spectrum(signal);
      return found === undefined ? Number.NaN : linesAt(found, turns() * order, harmonics, tolerance);
    };
  },
};

import type { FeatureDefinition } from './definition.ts';
import { greatestMagnitude, meanMagnitude, ratio } from './signal/magnitudes.ts';

/** max|x| / (sum(|x|) / n), without unit: 1 for a constant, pi/2 for a sine, 0 where the signal is 0 (Lei et al. 2008). */
export const impulseFactor: FeatureDefinition = {
  name: 'impulse_factor',
  description: 'Greatest over mean magnitude.',
  unit: () => '1',
  create: () => (signal) => ratio(greatestMagnitude(signal), meanMagnitude(signal)),
};

import type { FeatureDefinition } from './definition.ts';
import { rmsOf } from './rms.ts';
import { meanMagnitude, ratio } from './signal/magnitudes.ts';

/** rms / (sum(|x|) / n), without unit: 1 for a constant, pi / (2 sqrt 2) for a sine, 0 where the signal is 0 (Lei et al. 2008). */
export const shapeFactor: FeatureDefinition = {
  name: 'shape_factor',
  description: 'Root mean square over mean magnitude.',
  unit: () => '1',
  create: () => (signal) => ratio(rmsOf(signal), meanMagnitude(signal)),
};

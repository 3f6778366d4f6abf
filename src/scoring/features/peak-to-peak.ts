import type { FeatureDefinition } from './definition.ts';
import { maxOf } from './max.ts';
import { minOf } from './min.ts';

/** max(x) - min(x), in the tag's unit (numpy.ptp). */
export const peakToPeak: FeatureDefinition = {
  name: 'peak_to_peak',
  description: 'Greatest less least value.',
  unit: (tagUnit) => tagUnit,
  create: () => (signal) => maxOf(signal) - minOf(signal),
};

import type { FeatureDefinition } from './definition.ts';
import { meanOf, varianceOf } from './signal/moments.ts';

/** sqrt(sum((x - mean)^2) / n), in the tag's unit; the population's, not the sample's (numpy.std, ddof 0). */
export const std: FeatureDefinition = {
  name: 'std',
  description: 'Standard deviation of the population.',
  unit: (tagUnit) => tagUnit,
  create: () => (signal) => Math.sqrt(varianceOf(signal, meanOf(signal))),
};

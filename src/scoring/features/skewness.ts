import type { FeatureDefinition } from './definition.ts';
import { standardizedMoment } from './signal/moments.ts';

/** m3 / m2^(3/2) of the central moments, without unit: Fisher-Pearson, biased (scipy.stats.skew). 0 for a constant. */
export const skewness: FeatureDefinition = {
  name: 'skewness',
  description: 'Skewness; 0 for a symmetrical or constant signal.',
  unit: () => '1',
  create: () => (signal) => standardizedMoment(signal, 3) ?? 0,
};

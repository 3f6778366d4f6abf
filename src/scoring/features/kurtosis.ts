import type { FeatureDefinition } from './definition.ts';
import { standardizedMoment } from './signal/moments.ts';

/** m4 / m2^2 - 3 of the central moments, without unit: excess, biased (scipy.stats.kurtosis). 0 for a constant. */
export const kurtosis: FeatureDefinition = {
  name: 'kurtosis',
  description: 'Excess kurtosis; 0 for normal noise and for a constant signal.',
  unit: () => '1',
  create: () => (signal) => (standardizedMoment(signal, 4) ?? 3) - 3,
};

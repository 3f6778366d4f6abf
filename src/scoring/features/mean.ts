import type { FeatureDefinition } from './definition.ts';
import { meanOf } from './signal/moments.ts';

/** sum(x) / n, in the tag's unit (numpy.mean). */
export const mean: FeatureDefinition = {
  name: 'mean',
  description: 'Arithmetic mean.',
  unit: (tagUnit) => tagUnit,
  create: () => meanOf,
};

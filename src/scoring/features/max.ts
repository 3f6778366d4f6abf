import type { Signal } from '../../common/core/index.ts';
import type { FeatureDefinition } from './definition.ts';

/** Greatest value; NaN for an empty signal. */
export function maxOf({ values, start, end }: Signal): number {
  let greatest = start < end ? Number.NEGATIVE_INFINITY : Number.NaN;
  for (let i = start; i < end; i += 1) if ((values[i] as number) > greatest) greatest = values[i] as number;
  return greatest;
}

/** Greatest value, in the tag's unit (numpy.max). */
export const max: FeatureDefinition = {
  name: 'max',
  description: 'Greatest value.',
  unit: (tagUnit) => tagUnit,
  create: () => maxOf,
};

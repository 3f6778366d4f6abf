import type { Signal } from '../../common/core/index.ts';
import type { FeatureDefinition } from './definition.ts';

/** Least value; NaN for an empty signal. */
export function minOf({ values, start, end }: Signal): number {
  let least = start < end ? Number.POSITIVE_INFINITY : Number.NaN;
  for (let i = start; i < end; i += 1) if ((values[i] as number) < least) least = values[i] as number;
  return least;
}

/** Least value, in the tag's unit (numpy.min). */
export const min: FeatureDefinition = {
  name: 'min',
  description: 'Least value.',
  unit: (tagUnit) => tagUnit,
  create: () => minOf,
};

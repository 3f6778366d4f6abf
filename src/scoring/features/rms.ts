import type { Signal } from '../../common/core/index.ts';
import type { FeatureDefinition } from './definition.ts';

/** sqrt(sum(x^2) / n); NaN for an empty signal. */
export function rmsOf({ values, start, end }: Signal): number {
  let sum = 0;
  for (let i = start; i < end; i += 1) sum += (values[i] as number) ** 2;
  return Math.sqrt(sum / (end - start));
}

/** sqrt(sum(x^2) / n), in the tag's unit; the mean is not taken away. */
export const rms: FeatureDefinition = {
  name: 'rms',
  description: 'Root mean square, mean included.',
  unit: (tagUnit) => tagUnit,
  create: () => rmsOf,
};

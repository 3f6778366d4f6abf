import type { Signal } from '../../common/core/index.ts';
import type { FeatureDefinition } from './definition.ts';
import { greatestMagnitude, ratio } from './signal/magnitudes.ts';

/** max|x| / (sum(sqrt|x|) / n)^2, without unit: 1 for a constant, 0 where the signal is 0 (Lei et al. 2008). */
export const clearanceFactor: FeatureDefinition = {
  name: 'clearance_factor',
  description: 'Greatest magnitude over the squared mean of roots: early damage of bearings.',
  unit: () => '1',
  create: () => (signal) => ratio(greatestMagnitude(signal), meanRoot(signal) ** 2),
};

function meanRoot({ values, start, end }: Signal): number {
  let sum = 0;
  for (let i = start; i < end; i += 1) sum += Math.sqrt(Math.abs(values[i] as number));
  return sum / (end - start);
}

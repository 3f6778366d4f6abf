import type { FeatureDefinition } from './definition.ts';
import { meanOf, varianceOf } from './signal/moments.ts';

/**
 * Neighbours on different sides of the mean, counted, without unit; a value equal to the mean is above it
 * (numpy.signbit of x - mean differs). A constant signal has none.
 */
export const zeroCrossings: FeatureDefinition = {
  name: 'zero_crossings',
  description: 'How often the signal crosses its mean.',
  unit: () => '1',
  create: () => (signal) => {
    const { values, start, end } = signal;
    const mean = meanOf(signal);
    if (Number.isNaN(mean)) return mean;
    if (varianceOf(signal, mean) === 0) return 0;
    let crossings = 0;
    for (let i = start + 1; i < end; i += 1) {
      if ((values[i] as number) < mean !== (values[i - 1] as number) < mean) crossings += 1;
    }
    return crossings;
  },
};

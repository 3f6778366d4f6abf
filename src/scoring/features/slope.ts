import type { FeatureDefinition } from './definition.ts';
import { meanOf } from './signal/moments.ts';

const MS_PER_SECOND = 1000;

/**
 * Slope of the least squares line through the samples: sum((t - mean t)(x - mean x)) / sum((t - mean t)^2), t in s, in
 * the tag's unit per second (numpy.polyfit of degree 1). NaN where all samples have one time: they have no slope.
 */
export const slope: FeatureDefinition = {
  name: 'slope',
  description: 'Slope of the least squares line over time.',
  needs: 'samples at two times or more',
  unit: (tagUnit) => `${tagUnit}/s`,
  create: () => (signal) => {
    const { values, times, start, end } = signal;
    const mean = meanOf(signal);
    const middle = meanOf({ values: times, times, start, end });
    let covariance = 0;
    let variance = 0;
    for (let i = start; i < end; i += 1) {
      const t = ((times[i] as number) - middle) / MS_PER_SECOND;
      covariance += t * ((values[i] as number) - mean);
      variance += t * t;
    }
    return covariance / variance;
  },
};

import * as z from 'zod';
import type { FeatureDefinition } from './definition.ts';
import { meanOf } from './signal/moments.ts';

const params = z.strictObject({
  samples: z.int().min(1).max(50_000).default(1).describe('Samples of each of the two means.'),
});

/**
 * Mean of the last `samples` values less the mean of as many before them, in the tag's unit; with 1 the last step
 * (pandas rolling(k).mean().diff(k)). NaN where the signal has fewer than 2 x samples.
 */
export const rollingDifference: FeatureDefinition<z.output<typeof params>> = {
  name: 'rolling_difference',
  description: 'What the latest values have moved by.',
  needs: '2 x `samples` samples or more',
  positional: true,
  unit: (tagUnit) => tagUnit,
  params,
  create: ({ samples }) => {
    return ({ values, times, start, end }) => {
      if (end - start < 2 * samples) return Number.NaN;
      const middle = end - samples;
      const before = meanOf({ values, times, start: middle - samples, end: middle });
      return meanOf({ values, times, start: middle, end }) - before;
    };
  },
};

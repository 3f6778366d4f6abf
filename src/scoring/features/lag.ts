import * as z from 'zod';
import type { FeatureDefinition } from './definition.ts';

const params = z.strictObject({
  samples: z.int().min(0).max(100_000).default(1).describe('How many samples before the last one.'),
});

/** x[n - 1 - samples]: the value so many samples before the last, in the tag's unit (pandas shift). NaN before the first. */
export const lag: FeatureDefinition<z.output<typeof params>> = {
  name: 'lag',
  description: 'An earlier value; the last one with samples 0.',
  needs: 'more than `samples` samples',
  positional: true,
  unit: (tagUnit) => tagUnit,
  params,
  create: ({ samples }) => {
    return ({ values, start, end }) => {
      const at = end - 1 - samples;
      return at < start ? Number.NaN : (values[at] as number);
    };
  },
};

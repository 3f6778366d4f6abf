import * as z from 'zod';
import { real } from '../../common/core/index.ts';
import type { FeatureDefinition } from './definition.ts';

/**
 * Share of the samples that have exactly this value, 0 to 1: sum(x = of) / n. Over one sample, and with the codes of a
 * tag's `values`, it is one-hot encoding (numpy.mean of x == of). NaN for an empty signal.
 */
export const share: FeatureDefinition<{ of: number }> = {
  name: 'share',
  description: 'Share of the samples with one value.',
  unit: () => '1',
  params: z.strictObject({ of: real().default(1).describe('The value that counts.') }),
  create:
    ({ of }) =>
    ({ values, start, end }) => {
      let found = 0;
      for (let i = start; i < end; i += 1) if (values[i] === of) found += 1;
      return found / (end - start);
    },
};

import * as z from 'zod';
import { positiveReal } from '../../common/core/index.ts';
import { MAX_GROUPS, MAX_SHAPLEY_GROUPS } from './contributions.ts';

const name = z.string().min(1).max(128);

const groups = (most: number) =>
  z
    .record(name, z.array(z.string()).min(1))
    .refine((given) => Object.keys(given).length <= most, `must not have more than ${most} groups`)
    .refine((given) => isDistinct(Object.values(given).flat()), 'must not name a tag twice')
    .optional()
    .describe('Tags by the name of their group; a tag that is in none is a group of its own.');

const target = z.string().optional().describe('The target that is explained; the first one where it is absent.');

const isDistinct = (tags: readonly string[]) => new Set(tags).size === tags.length;

/** Part of the manifest: how an answer is explained by its sensors. */
export const explanationSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z
      .literal('occlusion')
      .describe(
        'What the answer loses where one group of sensors shows the median of the reference profile; what a recurrent model remembers stays as it was.',
      ),
    target,
    groups: groups(MAX_GROUPS),
  }),
  z.strictObject({
    method: z.literal('shapley').describe('The same over every combination of groups, so that it adds up.'),
    target,
    groups: groups(MAX_SHAPLEY_GROUPS),
  }),
  z.strictObject({
    method: z.literal('squared_error').describe('Share of the squared error of an autoencoder.'),
    target,
    groups: groups(MAX_GROUPS),
    tensor: z.string().describe('Output with an error per feature, in the order of the input.'),
    variance: z
      .union([z.literal('profile'), z.array(positiveReal())])
      .optional()
      .describe(
        'Reference variance of each error: a list, or that of the features in the profile; 1 where it is absent.',
      ),
  }),
]);

/** The manifest's `explanation`, parsed. */
export type ExplanationSpec = z.output<typeof explanationSchema>;

import * as z from 'zod';
import type { Distribution } from '../core/index.ts';

/** The most bins of a reference, which has 16 to 32: a file must not make the gateway count more. */
export const MAX_BINS = 1024;
const MAX_SERIES = 10_000;

const count = z.int().min(0);

/** A distribution as in a `summary` record: counts per bin of the reference's edges, and moments. */
export const distributionSchema = z
  .strictObject({
    counts: z.array(count).max(MAX_BINS),
    underflow: count,
    overflow: count,
    missing: count,
    n: count,
    mean: z.number(),
    m2: z.number().min(0).describe('Sum of squared deviations from the mean.'),
    min: z.number().nullable(),
    max: z.number().nullable(),
  })
  .superRefine(checkCounts);

const edges = z
  .array(z.number())
  .min(2)
  .max(MAX_BINS + 1)
  .superRefine((values, context) => {
    const at = values.findIndex((value, index) => index > 0 && value <= (values[index - 1] ?? -Infinity));
    if (at > 0) {
      context.addIssue({ code: 'custom', path: [at], message: 'must be greater than the edge before it' });
    }
  })
  .describe('B + 1 ascending edges. Bin i is [edge i, edge i+1), the last one closed.');

const referenceSchema = z
  .strictObject({
    edges,
    distribution: distributionSchema,
    median: z.number().optional().describe('Exactly; of a series with few values it cannot be told from the bins.'),
  })
  .superRefine((reference, context) => {
    const bins = reference.edges.length - 1;
    if (reference.distribution.counts.length === bins) return;
    const message = `must have one count for each of the ${bins} bins`;
    context.addIssue({ code: 'custom', path: ['distribution', 'counts'], message });
  });

const references = z
  .record(z.string(), referenceSchema)
  .refine((series) => Object.keys(series).length <= MAX_SERIES, `must not have more than ${MAX_SERIES} entries`);

/** profile.json of a bundle: how features and outputs are distributed in the reference data. */
export const profileSchema = z.strictObject({
  schema: z.literal('edgewright.profile/1'),
  rows: count.describe('Rows of the reference data.'),
  features: references.describe('By the name of a summarised feature, such as `TS1.mean`.'),
  outputs: references.describe('By target name, and `target.label` for each probability.'),
});

/** How one feature or output is distributed in the reference data. */
export type Reference = z.output<typeof referenceSchema>;
/** profile.json, parsed. */
export type Profile = z.output<typeof profileSchema>;

function checkCounts(value: Distribution, context: z.RefinementCtx): void {
  const problem = (path: keyof Distribution, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  const counted = value.counts.reduce((sum, bin) => sum + bin, value.underflow + value.overflow);
  if (counted !== value.n) problem('n', `must be the sum of counts, underflow and overflow, ${counted}`);
  if (value.n === 0) return;
  if (value.min === null) problem('min', 'must be a number where n is not 0');
  else if (value.max === null) problem('max', 'must be a number where n is not 0');
  else if (value.min > value.max) problem('min', 'must not be greater than max');
}

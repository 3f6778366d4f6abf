import { z } from 'zod';

const abstainBelow = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .describe('Least probability of the chosen label; below it the target abstains.');

/** Part of the manifest: what one output means. */
export const targetSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('regression'),
    tensor: z.string(),
    unit: z.string(),
    range: z.tuple([z.number(), z.number()]).optional().describe('The answer is held to this range.'),
  }),
  z.strictObject({
    kind: z.literal('score'),
    tensor: z.string(),
    threshold: z.number().describe('A score above it is an anomaly.'),
  }),
  z.strictObject({
    kind: z.literal('binary'),
    tensor: z.string(),
    activation: z.enum(['none', 'sigmoid']).default('none'),
    labels: z.tuple([z.string(), z.string()]).describe('Negative, positive.'),
    threshold: z.number().min(0).max(1).default(0.5),
    abstainBelow,
  }),
  z.strictObject({
    kind: z.literal('classes'),
    tensor: z.string(),
    activation: z.enum(['none', 'softmax']).default('none'),
    labels: z.array(z.string()).min(2),
    abstainBelow,
  }),
]);

export type Target = z.output<typeof targetSchema>;

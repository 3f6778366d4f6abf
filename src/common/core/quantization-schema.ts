import * as z from 'zod';

/** How numbers become whole ones of few bits: (q - zeroPoint) x scale is the number. */
export const quantizationSchema = z
  .strictObject({
    scale: z.number().positive().max(1e30).describe('What one step is worth, in the unit of the numbers.'),
    zeroPoint: z
      .int()
      .min(-(2 ** 31))
      .max(2 ** 31 - 1)
      .default(0)
      .describe('The whole number that stands for 0.'),
  })
  .describe(
    'Of a tensor of whole numbers that stand for others: q = round(x / scale) + zeroPoint, half to even, within its type; x = (q - zeroPoint) x scale.',
  );

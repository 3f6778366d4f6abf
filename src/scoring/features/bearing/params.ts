import * as z from 'zod';
import { bandKeys } from '../spectral/band.ts';
import { bearingSchema, DEFECTS } from './frequencies.ts';
import { shaftSchema } from './shaft.ts';

/** The parameters of every feature of a defect frequency. */
export const defectKeys = {
  defect: z.enum(DEFECTS).describe('Ball pass of outer or inner race, ball spin, cage (FTF), or the shaft itself.'),
  bearing: bearingSchema,
  speed: shaftSchema,
  ...bandKeys,
  harmonics: z.int().min(1).max(20).default(1).describe('So many multiples of the frequency count.'),
  tolerance: z
    .number()
    .min(0)
    .max(0.1)
    .default(0.02)
    .describe('Share of the frequency in which the line is looked for: bearings slip.'),
};

import { z } from 'zod';

const datatypes = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BF16',
  'BYTES',
] as const;

const tensor = z.object({
  name: z.string(),
  datatype: z.enum(datatypes),
  shape: z.array(z.int().min(0)),
  data: z.array(z.union([z.number(), z.string(), z.boolean()])),
});

/** golden.json of a bundle. */
export const goldenSchema = z.object({
  source: z.string().default(''),
  tolerance: z.object({ rtol: z.number().min(0), atol: z.number().min(0) }).optional(),
  cases: z
    .array(z.object({ inputs: z.array(tensor), outputs: z.array(tensor) }))
    .min(1)
    .max(1000),
});

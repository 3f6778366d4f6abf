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

/** See `quantizationSchema`. */
export type Quantization = z.output<typeof quantizationSchema>;

/** Quantizes a number as QuantizeLinear of ONNX does in float32: rounded half to even, then held to the type's range. */
export function quantize(value: number, { scale, zeroPoint }: Quantization, least: number, greatest: number): number {
  const steps = roundHalfEven(Math.fround(Math.fround(value) / Math.fround(scale)));
  return Math.min(Math.max(steps + zeroPoint, least), greatest);
}

/** What a quantized number stands for, as DequantizeLinear of ONNX has it in float32. */
export function dequantize(value: number, { scale, zeroPoint }: Quantization): number {
  return Math.fround((value - zeroPoint) * Math.fround(scale));
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

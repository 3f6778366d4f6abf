/** How numbers become whole ones of few bits: (q - zeroPoint) x scale is the number. */
export interface Quantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

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

import { describe, expect, it } from 'vitest';
import { dequantize, quantize } from '../../src/common/core/index.ts';

describe('quantize', () => {
  // onnxruntime 1.32, QuantizeLinear(x, 0.5, zeroPoint) of int8 and uint8.
  it.each<[x: number, int8: number, uint8: number]>([
    [0.25, 3, 128],
    [0.75, 5, 130],
    [1.25, 5, 130],
    [-0.25, 3, 128],
    [-0.75, 1, 126],
    [-1.25, 1, 126],
    [0.26, 4, 129],
    [61.9, 127, 252],
    [1e9, 127, 255],
    [-1e9, -128, 0],
    [-66, -128, 0],
  ])('%d is rounded half to even and held to the type', (x, int8, uint8) => {
    expect(quantize(x, { scale: 0.5, zeroPoint: 3 }, -128, 127)).toBe(int8);
    expect(quantize(x, { scale: 0.5, zeroPoint: 128 }, 0, 255)).toBe(uint8);
  });

  it('divides in float32, as ONNX does', () => {
    // 0.15 / 0.1 is 1.5 in float32 and 1.4999999999999998 in float64.
    expect(quantize(0.15, { scale: 0.1, zeroPoint: 0 }, -128, 127)).toBe(2);
    expect(dequantize(3, { scale: 0.1, zeroPoint: 0 })).toBe(Math.fround(3 * Math.fround(0.1)));
  });
});

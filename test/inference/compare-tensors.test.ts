import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EngineTensor, fromOip } from '../../src/scoring/inference/engine/tensors.ts';
import { compareTensors } from '../../src/scoring/inference/model/compare-tensors.ts';

const floats = (...values: number[]): EngineTensor => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Float32Array.from(values),
});
const doubles = (...values: number[]): EngineTensor => ({
  datatype: 'FP64',
  shape: [values.length],
  data: Float64Array.from(values),
});

const tolerance = { rtol: 0.01, atol: 0.5 };

describe('floats', () => {
  test('are equal up to atol + rtol * |expected|, and not beyond', () => {
    expect(compareTensors(doubles(100), doubles(101.5), tolerance).equal).toBe(true);
    expect(compareTensors(doubles(100), doubles(101.51), tolerance).equal).toBe(false);
    expect(compareTensors(doubles(-100), doubles(-98.5), tolerance).equal).toBe(true);
  });

  test('tell the largest error, also where all is well', () => {
    expect(compareTensors(doubles(1, 2, 3), doubles(1, 2.25, 3.125), tolerance)).toEqual({
      equal: true,
      maxError: 0.25,
      reason: undefined,
    });
  });

  test('tell the first element that differs', () => {
    const { reason, maxError } = compareTensors(floats(1, 2, 3), floats(1, 4, 9), tolerance);
    expect(reason).toBe('element 1 is 4 instead of 2');
    expect(maxError).toBe(6);
  });

  test.each<[string, number, number, boolean]>([
    ['NaN and NaN', Number.NaN, Number.NaN, true],
    ['infinity and infinity', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true],
    ['0 and -0', 0, -0, true],
    ['NaN and a number', Number.NaN, 1, false],
    ['a number and NaN', 1, Number.NaN, false],
    ['both infinities', Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, false],
    ['infinity and a number', Number.POSITIVE_INFINITY, 1, false],
    ['a number and infinity', 1, Number.POSITIVE_INFINITY, false],
  ])('%s', (_name, expected, actual, equal) => {
    const result = compareTensors(floats(expected), floats(actual), { rtol: 1, atol: 1e30 });
    expect(result.equal).toBe(equal);
    expect(result.maxError).toBe(equal ? 0 : Number.POSITIVE_INFINITY);
  });

  test('of 16 bits are compared as numbers, not as bits', () => {
    const half = (value: number) => fromOip({ name: 'x', datatype: 'FP16', shape: [1], data: [value] });
    expect(compareTensors(half(1), half(1.25), tolerance)).toMatchObject({ equal: true, maxError: 0.25 });
    expect(compareTensors(half(1), half(-1), tolerance).equal).toBe(false);
  });

  test('anything is equal to itself, with no error', () => {
    fc.assert(
      fc.property(fc.float32Array(), (data) => {
        const same: EngineTensor = { datatype: 'FP32', shape: [data.length], data };
        expect(compareTensors(same, { ...same, data: data.slice() })).toEqual({
          equal: true,
          maxError: 0,
          reason: undefined,
        });
      }),
    );
  });
});

test('integers are equal exactly, whatever the tolerance', () => {
  const whole = (value: string) => fromOip({ name: 'x', datatype: 'INT64', shape: [1], data: [value] });
  expect(compareTensors(whole('9007199254740993'), whole('9007199254740993'), tolerance).equal).toBe(true);
  expect(compareTensors(whole('9007199254740993'), whole('9007199254740992'), tolerance).equal).toBe(false);
});

test('text is equal letter by letter', () => {
  const words = (...data: string[]) => fromOip({ name: 'x', datatype: 'BYTES', shape: [data.length], data });
  expect(compareTensors(words('a', 'b'), words('a', 'c'))).toEqual({
    equal: false,
    maxError: Number.POSITIVE_INFINITY,
    reason: 'element 1 is "c" instead of "b"',
  });
});

test('another datatype or shape differs before any value is looked at', () => {
  expect(compareTensors(floats(1), doubles(1)).reason).toBe('datatype FP64 instead of FP32');
  expect(compareTensors(floats(1, 2), { ...floats(1, 2), shape: [1, 2] }).reason).toBe('shape [1,2] instead of [2]');
});

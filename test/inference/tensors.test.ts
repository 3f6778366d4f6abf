import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Datatype, OipTensor } from '../../src/common/core/index.ts';
import { fromFloat16, toFloat16 } from '../../src/scoring/inference/engine/float16.ts';
import { datatypeOf, fromOip, isSupported, ortTypeOf, toOip } from '../../src/scoring/inference/engine/tensors.ts';

const tensor = (datatype: Datatype, data: OipTensor['data'], shape = [data.length]): OipTensor => ({
  name: 'x',
  datatype,
  shape,
  data,
});

describe('tensors in the Open Inference Protocol form', () => {
  test('64-bit integers keep every digit: numbers up to 2^53, decimal strings beyond', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const engine = { datatype: 'INT64', shape: [1], data: BigInt64Array.of(value) } as const;
        const [plain] = toOip('x', engine).data;
        expect(BigInt(plain as string | number)).toBe(value);
        expect(typeof plain).toBe(Number.isSafeInteger(Number(value)) ? 'number' : 'string');
        expect(fromOip(toOip('x', engine)).data).toEqual(engine.data);
      }),
    );
  });

  test('float64 survives the way there and back, through JSON, non-finite ones too', () => {
    fc.assert(
      fc.property(
        fc.double().filter((value) => !Object.is(value, -0)),
        (value) => {
          const engine = { datatype: 'FP64', shape: [1], data: Float64Array.of(value) } as const;
          expect(fromOip(JSON.parse(JSON.stringify(toOip('x', engine)))).data).toEqual(engine.data);
        },
      ),
    );
  });

  test.each<[string, OipTensor, string]>([
    ['too few values', tensor('FP32', [1, 2], [3]), 'shape [3] has 3 elements, data 2'],
    ['a fraction as an integer', tensor('INT32', [1.5]), '1.5 at 0 is not INT32'],
    ['an integer out of range', tensor('UINT8', [1, 256]), '256 at 1 is not UINT8'],
    ['a number that is no longer exact', tensor('INT64', [2 ** 53]), 'is not INT64'],
    ['a 64-bit integer out of range', tensor('INT64', ['9223372036854775808']), 'is not INT64'],
    ['a negative unsigned one', tensor('UINT64', ['-1']), 'is not UINT64'],
    ['a word as a number', tensor('FP32', ['nan']), '"nan" at 0 is not FP32'],
    ['a number as text', tensor('BYTES', [1]), '1 at 0 is not BYTES'],
    ['2 as a truth value', tensor('BOOL', [2 as never]), '2 at 0 is not BOOL'],
  ])('%s is refused with the place', (_name, input, words) => {
    expect(() => fromOip(input)).toThrow(expect.objectContaining({ code: 'inference.tensor-invalid' }));
    expect(() => fromOip(input)).toThrow(words);
  });

  test('bfloat16 is refused as a type', () => {
    expect(() => fromOip(tensor('BF16', [1]))).toThrow(expect.objectContaining({ code: 'inference.unsupported-type' }));
    expect(isSupported('BF16')).toBe(false);
  });

  test('an engine type that is not known has no datatype', () => {
    expect(datatypeOf('int4')).toBeUndefined();
    expect(datatypeOf(ortTypeOf('UINT16'))).toBe('UINT16');
  });
});

describe('binary16', () => {
  test('all 65536 bit patterns come back, NaN as NaN', () => {
    for (let bits = 0; bits < 65536; bits += 1) {
      const value = fromFloat16(bits);
      if (Number.isNaN(value)) expect(fromFloat16(toFloat16(value))).toBeNaN();
      else if (toFloat16(value) !== bits) expect.fail(`${bits} came back as ${toFloat16(value)}`);
    }
  });

  test('rounds to the nearest, ties to even', () => {
    const finite = fc.double({ min: -65504, max: 65504, noNaN: true });
    fc.assert(
      fc.property(finite.map(Math.fround), (value) => {
        const bits = toFloat16(value);
        const chosen = Math.abs(fromFloat16(bits) - value);
        for (const other of [bits - 1, bits + 1]) {
          const distance = Math.abs(fromFloat16(other) - value);
          if (Number.isNaN(distance) || !Number.isFinite(fromFloat16(other))) continue;
          expect(chosen <= distance).toBe(true);
          if (chosen === distance && other >>> 15 === bits >>> 15) expect(bits & 1).toBe(0);
        }
      }),
    );
  });

  test('gives infinity beyond the largest half, from the tie on', () => {
    expect([65504, 65519, 65520, 1e9].map((value) => fromFloat16(toFloat16(value)))).toEqual([
      65504,
      65504,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });
});

import { DEFAULT_TOLERANCE, type GoldenCases, type Numbers } from '../../../common/core/index.ts';
import { fromFloat16 } from '../engine/float16.ts';
import type { EngineTensor } from '../engine/tensors.ts';

/** Tolerances of floats: `rtol` relative to the recorded number, `atol` absolute. */
export type Tolerance = NonNullable<GoldenCases['tolerance']>;

/** Result of comparing an answer with a recorded one. */
export interface Comparison {
  readonly equal: boolean;
  /**
   * Largest absolute difference of numbers; infinite where one of the two is finite, or a number, and the other not.
   */
  readonly maxError: number;
  /** First difference in words; undefined where all elements are equal. */
  readonly reason: string | undefined;
}

const differs = (reason: string, maxError = Number.POSITIVE_INFINITY): Comparison => ({
  equal: false,
  maxError,
  reason,
});

/**
 * Compares an engine's answer with the recorded one. Equal are tensors of the same datatype and shape, whose floats
 * keep to |actual - expected| <= atol + rtol * |expected|, NaN being equal to NaN, and all of whose other elements are
 * the same.
 */
export function compareTensors(
  expected: EngineTensor,
  actual: EngineTensor,
  tolerance: Tolerance = DEFAULT_TOLERANCE,
): Comparison {
  if (expected.datatype !== actual.datatype) {
    return differs(`datatype ${actual.datatype} instead of ${expected.datatype}`);
  }
  if (expected.shape.join() !== actual.shape.join()) {
    return differs(`shape [${actual.shape.join(',')}] instead of [${expected.shape.join(',')}]`);
  }
  switch (expected.datatype) {
    case 'FP32':
    case 'FP64':
      return compareNumbers(expected.data as ArrayLike<number>, actual.data as ArrayLike<number>, tolerance);
    case 'FP16':
      return compareNumbers(
        Array.from(expected.data as ArrayLike<number>, fromFloat16),
        Array.from(actual.data as ArrayLike<number>, fromFloat16),
        tolerance,
      );
    default:
      return compareExactly(expected.data, actual.data);
  }
}

function compareNumbers(expected: ArrayLike<number>, actual: ArrayLike<number>, { rtol, atol }: Tolerance): Comparison {
  let maxError = 0;
  let reason: string | undefined;
  for (let index = 0; index < expected.length; index += 1) {
    const want = expected[index] ?? Number.NaN;
    const got = actual[index] ?? Number.NaN;
    if (Object.is(want, got) || want === got) continue;
    const distance = Math.abs(got - want);
    const error = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    if (error > maxError) maxError = error;
    if (!(error <= atol + rtol * Math.abs(want)) || error === Number.POSITIVE_INFINITY) {
      reason ??= `element ${index} is ${got} instead of ${want}`;
    }
  }
  return { equal: reason === undefined, maxError, reason };
}

function compareExactly(expected: EngineTensor['data'], actual: EngineTensor['data']): Comparison {
  let maxError = 0;
  let reason: string | undefined;
  for (let index = 0; index < expected.length; index += 1) {
    const want = expected[index];
    const got = actual[index];
    if (want === got) continue;
    const error = typeof want === 'string' ? Number.POSITIVE_INFINITY : Math.abs(Number(got) - Number(want));
    if (error > maxError) maxError = error;
    reason ??= `element ${index} is ${JSON.stringify(String(got))} instead of ${JSON.stringify(String(want))}`;
  }
  return { equal: reason === undefined, maxError, reason };
}

/** Compares bit by bit, but for NaN, which equals any NaN: WebAssembly does not define its payload. */
export function sameBits(a: Numbers, b: Numbers): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (!Object.is(a[index], b[index])) return false;
  return true;
}

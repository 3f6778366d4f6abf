import type { Signal } from '../../../common/core/index.ts';

/**
 * Arithmetic mean; NaN for an empty signal. Two passes, the second one correcting the rounding of the first
 * (Neely 1966), so that a constant signal has exactly its value as mean.
 */
export function meanOf({ values, start, end }: Signal): number {
  let sum = 0;
  for (let i = start; i < end; i += 1) sum += values[i] as number;
  const rough = sum / (end - start);
  let rest = 0;
  for (let i = start; i < end; i += 1) rest += (values[i] as number) - rough;
  return rough + rest / (end - start);
}

/** Population central moment of an order >= 2 about a mean that `meanOf` gave: sum((x - mean)^order) / n. */
export function centralMoment({ values, start, end }: Signal, mean: number, order: 2 | 3 | 4): number {
  let sum = 0;
  for (let i = start; i < end; i += 1) {
    const deviation = (values[i] as number) - mean;
    const square = deviation * deviation;
    sum += order === 2 ? square : order === 3 ? square * deviation : square * square;
  }
  return sum / (end - start);
}

/**
 * Population variance, exactly 0 where it is no more than the rounding of the mean (scipy.stats draws the same line).
 */
export function varianceOf(signal: Signal, mean: number): number {
  const variance = centralMoment(signal, mean, 2);
  const rounding = Number.EPSILON * mean;
  return variance <= rounding * rounding ? 0 : variance;
}

/** Central moment of order 3 or 4 over the standard deviation to the same power; undefined for a constant signal. */
export function standardizedMoment(signal: Signal, order: 3 | 4): number | undefined {
  const mean = meanOf(signal);
  const variance = varianceOf(signal, mean);
  return variance === 0 ? undefined : centralMoment(signal, mean, order) / variance ** (order / 2);
}

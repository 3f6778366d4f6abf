import type { Signal } from '../../../common/core/index.ts';

/** Greatest |x|; NaN for an empty signal. */
export function greatestMagnitude({ values, start, end }: Signal): number {
  let greatest = start < end ? 0 : Number.NaN;
  for (let i = start; i < end; i += 1) greatest = Math.max(greatest, Math.abs(values[i] as number));
  return greatest;
}

/** sum(|x|) / n; NaN for an empty signal. */
export function meanMagnitude({ values, start, end }: Signal): number {
  let sum = 0;
  for (let i = start; i < end; i += 1) sum += Math.abs(values[i] as number);
  return sum / (end - start);
}

/** a / b; 0 where b is 0, since then the signal is 0 throughout. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}

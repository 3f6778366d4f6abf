import * as z from 'zod';
import type { Spectrum } from './welch.ts';

/** Share of a step by which a bin may be off an edge and still lie on it: rates come from times. */
const ROUNDING = 1e-6;

/** Bins [first, end) of a spectrum. */
export interface Bins {
  readonly first: number;
  readonly end: number;
}

const frequency = z.number().min(0).max(1e6);

/** Parameters of a band that is all of the spectrum where it is not given. */
export const bandKeys = {
  low: frequency.default(0).describe('Lower edge of the band, Hz, inside it.'),
  high: frequency.default(1e6).describe('Upper edge of the band, Hz, outside it; above `low`.'),
};

/** Whether the edges make a band. */
export function isBand({ low, high }: { readonly low: number; readonly high: number }): boolean {
  return high > low;
}

/** The issue of edges that make none. */
export const EMPTY_BAND = { message: 'must be above low', path: ['high'] };

/** Finds the bins whose frequency is in [low, high). */
export function binsOf({ step, length }: Pick<Spectrum, 'step' | 'length'>, low: number, high: number): Bins {
  const first = Math.max(0, Math.ceil(low / step - ROUNDING));
  const end = Math.min(length, Math.ceil(high / step - ROUNDING));
  return { first, end: Math.max(first, end) };
}

/** Sum of the densities of bins; times the step it is the band's power. */
export function sumOf(density: Float64Array, { first, end }: Bins): number {
  let sum = 0;
  for (let k = first; k < end; k += 1) sum += density[k] as number;
  return sum;
}

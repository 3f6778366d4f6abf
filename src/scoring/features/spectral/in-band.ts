import * as z from 'zod';
import type { Signal } from '../../../common/core/index.ts';
import type { FeatureContext } from '../definition.ts';
import { type Bins, bandKeys, binsOf, EMPTY_BAND, isBand } from './band.ts';
import { type Spectrum, segment, welch } from './welch.ts';

/** The parameters of a feature over a band of Welch's density. */
export const bandParams = z.strictObject({ ...bandKeys, segment }).refine(isBand, EMPTY_BAND);

/** A band in Hz, and the samples of a segment. */
export type BandParams = z.output<typeof bandParams>;

/** Applies `measure` to the bins in [low, high) of Welch's density; NaN where the signal has no spectrum. */
export function inBand(
  { low, high, segment }: BandParams,
  context: FeatureContext,
  measure: (spectrum: Spectrum, bins: Bins) => number,
): (signal: Signal) => number {
  const spectrum = welch(segment, context);
  return (signal) => {
    const found = spectrum(signal);
    return found === undefined ? Number.NaN : measure(found, binsOf(found, low, high));
  };
}

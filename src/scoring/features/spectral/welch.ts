import * as z from 'zod';
import type { Signal } from '../../../common/core/index.ts';
import type { FeatureContext } from '../definition.ts';
import { meanOf, varianceOf } from '../signal/moments.ts';
import { Fourier, powerOfTwoUpTo } from './fft.ts';
import { EVENLY_SPACED, rateOf } from './rate.ts';
import { oncePerSignal } from './spectrum-cache.ts';
import { hann } from './window.ts';

/** The fewest samples of which a spectrum is made. */
const LEAST = 8;

/** What a signal must be to have this spectrum, for people who write manifests. */
export const SPECTRUM_NEEDS = `${LEAST} or more ${EVENLY_SPACED}`;

/** One-sided power spectral density; a view into memory that the next signal overwrites. */
export interface Spectrum {
  /** Power per Hz, in the tag's unit squared, at 0, step, 2 x step, ... up to the Nyquist frequency. */
  readonly density: Float64Array;
  /** Elements of `density` that hold. */
  readonly length: number;
  /** Hz between two of them. */
  readonly step: number;
  /**
   * Power in one bin of a line whose frequency is the bin's, over its density there: the window's noise bandwidth, Hz.
   */
  readonly bandwidth: number;
}

/** The parameter of how long a segment is. */
export const segment = z
  .int()
  .min(LEAST)
  .max(65_536)
  .refine((size) => Number.isInteger(Math.log2(size)), 'must be a power of two')
  .default(1024)
  .describe('Samples of one segment, a power of two: the resolution is rate / segment.');

/** Gives the spectrum of a signal, one for all features that want the same segments; undefined where it has none. */
export function welch(size: number, context: FeatureContext): (signal: Signal) => Spectrum | undefined {
  return context.shared(`welch ${size}`, () => oncePerSignal(context, analyser(size, context)));
}

/**
 * Welch's method (Welch 1967): Hann windows over segments that overlap by half, the mean of each taken away, their
 * periodograms averaged (scipy.signal.welch with its defaults). A signal shorter than a segment is one segment of the
 * greatest power of two that it fills.
 */
function analyser(size: number, context: FeatureContext): (signal: Signal) => Spectrum | undefined {
  const density = new Float64Array(size / 2 + 1);
  return (signal) => {
    const count = signal.end - signal.start;
    const rate = rateOf(signal);
    if (count < LEAST || Number.isNaN(rate)) return undefined;
    const used = Math.min(size, powerOfTwoUpTo(count));
    const taper = context.shared(`hann ${used}`, () => hann(used));
    const fourier = context.shared(`fourier ${used}`, () => new Fourier(used));
    const length = used / 2 + 1;
    let energy = 0;
    let sum = 0;
    for (const weight of taper) {
      energy += weight * weight;
      sum += weight;
    }
    density.fill(0, 0, length);
    // A constant has no spectrum; what rounding leaves of it would look like one.
    if (varianceOf(signal, meanOf(signal)) > 0) accumulate(signal, fourier, taper, density, 1 / (rate * energy));
    return { density, length, step: rate / used, bandwidth: (rate * energy) / (sum * sum) };
  };
}

/** Sets `density` to the mean of the segments' periodograms, each scaled. */
function accumulate(
  { values, start, end }: Signal,
  fourier: Fourier,
  taper: Float64Array,
  density: Float64Array,
  scale: number,
): void {
  const { size, input, output } = fourier;
  const half = size / 2;
  let segments = 0;
  for (let from = start; from + size <= end; from += half) {
    let mean = 0;
    for (let i = 0; i < size; i += 1) mean += values[from + i] as number;
    mean /= size;
    for (let i = 0; i < size; i += 1) input[i] = ((values[from + i] as number) - mean) * (taper[i] as number);
    fourier.real();
    for (let k = 0; k <= half; k += 1) {
      const power = (output[2 * k] as number) ** 2 + (output[2 * k + 1] as number) ** 2;
      density[k] = (density[k] as number) + power;
    }
    segments += 1;
  }
  for (let k = 0; k <= half; k += 1) {
    // Negative frequencies are counted with the positive ones; 0 and Nyquist have none.
    const sides = k === 0 || k === half ? 1 : 2;
    density[k] = ((density[k] as number) * sides * scale) / segments;
  }
}

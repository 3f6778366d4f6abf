import type { Signal } from '../../../common/core/index.ts';
import type { FeatureContext } from '../definition.ts';
import { meanOf, varianceOf } from '../signal/moments.ts';
import { Fourier, powerOfTwoFrom } from './fft.ts';
import { rateOf } from './rate.ts';
import { oncePerSignal } from './spectrum-cache.ts';
import { hann } from './window.ts';

/** One-sided density of the whole signal; a view into memory that the next signal overwrites. */
export interface Periodogram {
  readonly density: Float64Array;
  /** Elements of `density` that hold. */
  readonly length: number;
  /** Hz between two of them. */
  readonly step: number;
  /** Samples a second. */
  readonly rate: number;
  /** Length of the signal, s. */
  readonly duration: number;
}

/**
 * Gives the periodogram of a signal: one Hann window over the whole of it without its mean, filled up with zeros to a
 * power of two (scipy.signal.periodogram with window "hann" and nfft); undefined where it has none.
 */
export function periodogram(context: FeatureContext): (signal: Signal) => Periodogram | undefined {
  return context.shared('periodogram', () => oncePerSignal(context, analyser(context)));
}

function analyser(context: FeatureContext): (signal: Signal) => Periodogram | undefined {
  let density = new Float64Array(0);
  let taper = new Float64Array(0);
  return (signal) => {
    const { values, start, end } = signal;
    const count = end - start;
    const rate = count < 2 ? Number.NaN : rateOf(signal);
    if (Number.isNaN(rate)) return undefined;
    if (taper.length !== count) taper = hann(count);
    const size = powerOfTwoFrom(count);
    const fourier = context.shared(`fourier ${size}`, () => new Fourier(size));
    const length = size / 2 + 1;
    if (density.length < length) density = new Float64Array(length);
    const mean = meanOf(signal);
    const still = varianceOf(signal, mean) === 0;
    let energy = 0;
    for (let i = 0; i < count; i += 1) {
      const weight = taper[i] as number;
      energy += weight * weight;
      fourier.input[i] = still ? 0 : ((values[start + i] as number) - mean) * weight;
    }
    fourier.input.fill(0, count);
    fourier.real();
    const { output } = fourier;
    for (let k = 0; k < length; k += 1) {
      const sides = k === 0 || k === size / 2 ? 1 : 2;
      const power = (output[2 * k] as number) ** 2 + (output[2 * k + 1] as number) ** 2;
      density[k] = (sides * power) / (rate * energy);
    }
    return { density, length, step: rate / size, rate, duration: count / rate };
  };
}

import type { Signal } from '../../../common/core/index.ts';
import type { FeatureContext } from '../definition.ts';
import { meanOf } from '../signal/moments.ts';
import { binsOf } from '../spectral/band.ts';
import { Fourier, magnitudeAt, powerOfTwoFrom } from '../spectral/fft.ts';
import { EVENLY_SPACED, rateOf } from '../spectral/rate.ts';
import { oncePerSignal } from '../spectral/spectrum-cache.ts';
import { hann } from '../spectral/window.ts';

const LEAST = 8;

/** What a window must hold for the lines of a defect to be found, for people who write manifests. */
export const ENVELOPE_NEEDS = `${LEAST} or more ${EVENLY_SPACED}; a turning shaft; every harmonic below half the rate`;

/** Amplitudes of the envelope's sines; a view into memory that the next signal overwrites. */
export interface EnvelopeSpectrum {
  /** Amplitudes in the tag's unit, at 0, step, 2 x step, ...; the mean is taken away. */
  readonly amplitude: Float64Array;
  readonly length: number;
  /** Hz between two of them. */
  readonly step: number;
}

/** Gives the envelope spectrum of a signal, one for all features of the same band; undefined where it has none. */
export function envelopeSpectrum(
  low: number,
  high: number,
  context: FeatureContext,
): (signal: Signal) => EnvelopeSpectrum | undefined {
  return context.shared(`envelope ${low} ${high}`, () => oncePerSignal(context, analyser(low, high, context)));
}

/**
 * Envelope analysis (Randall and Antoni 2011): what lies in the band [low, high) as analytic signal, its magnitude
 * (scipy.signal.hilbert of the band-passed signal), the mean taken away, under a Hann window, as amplitudes
 * 2 |E(f)| / sum(w). Signal and envelope are filled up with zeros to the power of two that holds them.
 */
function analyser(
  low: number,
  high: number,
  context: FeatureContext,
): (signal: Signal) => EnvelopeSpectrum | undefined {
  let analytic = new Float64Array(0);
  let amplitude = new Float64Array(0);
  let taper = new Float64Array(0);
  return (signal) => {
    const count = signal.end - signal.start;
    const rate = count < LEAST ? Number.NaN : rateOf(signal);
    if (Number.isNaN(rate)) return undefined;
    const size = powerOfTwoFrom(count);
    const fourier = context.shared(`fourier ${size}`, () => new Fourier(size));
    if (analytic.length !== 2 * size) {
      analytic = new Float64Array(2 * size);
      amplitude = new Float64Array(size / 2 + 1);
    }
    if (taper.length !== count) taper = hann(count);
    const step = rate / size;
    load(signal, fourier.input);
    fourier.real();
    keepBand(fourier.output, binsOf({ step, length: size / 2 }, low, high));
    fourier.inverse(analytic);
    const weight = loadEnvelope(analytic, taper, fourier.input);
    fourier.real();
    for (let k = 0; k < amplitude.length; k += 1) {
      amplitude[k] = (2 / weight) * magnitudeAt(fourier.output, k);
    }
    return { amplitude, length: amplitude.length, step };
  };
}

function load(signal: Signal, input: Float64Array): void {
  const { values, start, end } = signal;
  const mean = meanOf(signal);
  for (let i = start; i < end; i += 1) input[i - start] = (values[i] as number) - mean;
  input.fill(0, end - start);
}

/** Keeps the band's positive frequencies, doubled: the spectrum of the analytic signal. */
function keepBand(spectrum: Float64Array, { first, end }: { readonly first: number; readonly end: number }): void {
  const from = 2 * Math.max(1, first);
  spectrum.fill(0, 0, from);
  for (let i = from; i < 2 * end; i += 1) spectrum[i] = 2 * (spectrum[i] as number);
  spectrum.fill(0, Math.max(from, 2 * end));
}

/** Puts the envelope, without its mean, under the window into `input`; returns the sum of the window. */
function loadEnvelope(analytic: Float64Array, taper: Float64Array, input: Float64Array): number {
  const count = taper.length;
  let mean = 0;
  let weight = 0;
  for (let i = 0; i < count; i += 1) {
    const magnitude = magnitudeAt(analytic, i);
    input[i] = magnitude;
    mean += magnitude / count;
    weight += taper[i] as number;
  }
  for (let i = 0; i < count; i += 1) input[i] = ((input[i] as number) - mean) * (taper[i] as number);
  input.fill(0, count);
  return weight;
}

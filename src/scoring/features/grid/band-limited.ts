import { rateOf } from '../spectral/rate.ts';
import type { GridMethod } from './method.ts';

/** Zero crossings of the kernel on each side, on the slower of the two rates. */
const CROSSINGS = 24;
/** Passband kept when samples get fewer, as a share of the new Nyquist frequency: the rest is the filter's slope. */
const PASSBAND = 0.9;
/** Places of points between two samples that are told apart; kernels are made as they are met. */
const PHASES = 512;
/** Share of the kernel that must meet samples. */
const LEAST_WEIGHT = 1e-6;

/**
 * Band-limited interpolation (Smith, "Digital audio resampling"): each point is the sum of the samples about it,
 * weighted by a sinc under a Hann window. Frequencies that the grid cannot carry are taken out instead of folded, so it
 * is the way to fewer samples of a vibration. Needs an evenly spaced signal, else NaN; with a grid of the samples' own
 * times it gives them unchanged. At the ends of the signal the kernel is cut, its weights still summing to 1.
 */
export function createBandLimited(): GridMethod {
  let kernels = new Map<number, Float64Array>();
  let cutoff = 0;
  return (signal, from, period, out) => {
    const { values, times, start, end } = signal;
    const rate = end - start < 2 ? Number.NaN : rateOf(signal);
    const step = (period * rate) / 1000;
    if (!(step > 0)) {
      out.fill(Number.NaN);
      return;
    }
    // Cycles per sample, twice. Rates come from times: what is a hair beside 1 is 1.
    const wanted = step > 1 + 1e-6 ? PASSBAND / roundRatio(step) : 1;
    if (wanted !== cutoff) kernels = new Map();
    cutoff = wanted;
    const origin = ((from - (times[start] as number)) * rate) / 1000;
    for (let i = 0; i < out.length; i += 1) {
      const place = Math.round((origin + i * step) * PHASES);
      const whole = Math.floor(place / PHASES);
      const phase = place - whole * PHASES;
      const kernel = kernels.get(phase) ?? kernelOf(cutoff, phase / PHASES);
      kernels.set(phase, kernel);
      out[i] = weighted(values, start, end, start + whole, kernel);
    }
  };
}

/** Rounds a ratio of rates that come from times, so that it gives the same kernels each time. */
function roundRatio(step: number): number {
  return Math.round(step * 1e4) / 1e4;
}

/** Weights of samples -half + 1 ... half about a point at `offset` (0 to 1) behind sample 0; their sum is 1. */
function kernelOf(cutoff: number, offset: number): Float64Array {
  const half = Math.ceil(CROSSINGS / cutoff);
  const weights = Float64Array.from({ length: 2 * half }, (_, i) => {
    const x = i - half + 1 - offset;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
    return Math.abs(x) >= half ? 0 : sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / half));
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function weighted(values: Float64Array, start: number, end: number, at: number, kernel: Float64Array): number {
  const first = at - kernel.length / 2 + 1;
  if (first < start || first + kernel.length > end) return cut(values, start, end, first, kernel);
  let sum = 0;
  for (let i = 0; i < kernel.length; i += 1) sum += (kernel[i] as number) * (values[first + i] as number);
  return sum;
}

/** Weighs what there is of the signal at one of its ends; the weights that meet samples sum to 1. */
function cut(values: Float64Array, start: number, end: number, first: number, kernel: Float64Array): number {
  let sum = 0;
  let weight = 0;
  for (let i = Math.max(start, first); i < Math.min(end, first + kernel.length); i += 1) {
    const share = kernel[i - first] as number;
    sum += share * (values[i] as number);
    weight += share;
  }
  // A point far outside the signal rests on nothing.
  return Math.abs(weight) < LEAST_WEIGHT ? Number.NaN : sum / weight;
}

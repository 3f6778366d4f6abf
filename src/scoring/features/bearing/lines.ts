import type { EnvelopeSpectrum } from './envelope.ts';

/**
 * Computes the sum over the first harmonics of a frequency (Hz) of the greatest amplitude within a share of each; the
 * nearest bin always counts. NaN where the frequency is none or a harmonic lies beyond the spectrum.
 */
export function linesAt(spectrum: EnvelopeSpectrum, frequency: number, harmonics: number, tolerance: number): number {
  let sum = 0;
  for (let h = 1; h <= harmonics; h += 1) sum += highest(spectrum, (h * frequency) / spectrum.step, tolerance);
  return sum;
}

/** @param bin need not be whole */
function highest({ amplitude, length }: EnvelopeSpectrum, bin: number, tolerance: number): number {
  const nearest = Math.round(bin);
  if (!(nearest < length)) return Number.NaN;
  const last = Math.min(length - 1, Math.floor(bin * (1 + tolerance)));
  let greatest = amplitude[nearest] as number;
  for (let k = Math.ceil(bin * (1 - tolerance)); k <= last; k += 1)
    greatest = Math.max(greatest, amplitude[k] as number);
  return greatest;
}

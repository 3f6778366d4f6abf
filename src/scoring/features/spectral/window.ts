/** Hann window of n points as spectra want it, periodic: 0.5 - 0.5 cos(2 pi i / n) (scipy.signal.get_window). */
export function hann(n: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n));
}

import FFT from 'fft.js';

/** A discrete Fourier transform of one size with the memory that it needs: made once, it allocates nothing. */
export class Fourier {
  readonly size: number;
  /** The input of `real`; elements that are not set stay from the time before. */
  readonly input: Float64Array;
  /** Real and imaginary parts in turn; after `real` only those up to the Nyquist frequency hold. */
  readonly output: Float64Array;
  readonly #plan: InstanceType<typeof FFT>;

  /** @param size a power of two, 2 or more */
  constructor(size: number) {
    this.size = size;
    this.input = new Float64Array(size);
    this.output = new Float64Array(2 * size);
    this.#plan = new FFT(size);
  }

  /** Transforms `input` into `output`. */
  real(): void {
    this.#plan.realTransform(this.output, this.input);
  }

  /** Transforms `output` back, into `out`; both complex. */
  inverse(out: Float64Array): void {
    this.#plan.inverseTransform(out, this.output);
  }
}

/** Finds the least power of two that is n or more. */
export function powerOfTwoFrom(n: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, n)));
}

/** Finds the greatest power of two that is n or less; n is 1 or more. */
export function powerOfTwoUpTo(n: number): number {
  return 2 ** Math.floor(Math.log2(n));
}

/**
 * The magnitude of element i of a complex array. Math.hypot guards against overflow that sensors do not reach, at ten
 * times the cost.
 */
export function magnitudeAt(complex: Float64Array, i: number): number {
  const re = complex[2 * i] as number;
  const im = complex[2 * i + 1] as number;
  return Math.sqrt(re * re + im * im);
}

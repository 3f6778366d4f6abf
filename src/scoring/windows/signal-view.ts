import { isBad, type Signal, type StatusCode } from '../../common/core/index.ts';

/**
 * The signal of a tag, used again from window to window: a view of the samples as they lie, or a copy of the usable
 * ones.
 */
export class SignalView implements Signal {
  values: Float64Array = new Float64Array(0);
  times: Float64Array = new Float64Array(0);
  start = 0;
  end = 0;
  #packedValues = new Float64Array(0);
  #packedTimes = new Float64Array(0);

  /** Shows elements [start, end) as they lie. */
  show(values: Float64Array, times: Float64Array, start: number, end: number): this {
    this.values = values;
    this.times = times;
    this.start = start;
    this.end = end;
    return this;
  }

  /** Shows elements [start, end), NaN in the place of those that are bad or absent. */
  align(values: Float64Array, times: Float64Array, status: Uint32Array, start: number, end: number): this {
    if (this.#packedValues.length < end - start) {
      this.#packedValues = new Float64Array(end - start);
      this.#packedTimes = new Float64Array(end - start);
    }
    for (let i = start; i < end; i += 1) {
      this.#packedValues[i - start] = isBad(status[i] as StatusCode) ? Number.NaN : (values[i] as number);
      this.#packedTimes[i - start] = times[i] as number;
    }
    return this.show(this.#packedValues, this.#packedTimes, 0, end - start);
  }

  /** Shows the samples of [start, end) that are neither bad nor absent. */
  pack(values: Float64Array, times: Float64Array, status: Uint32Array, start: number, end: number): this {
    if (this.#packedValues.length < end - start) {
      this.#packedValues = new Float64Array(end - start);
      this.#packedTimes = new Float64Array(end - start);
    }
    let count = 0;
    for (let i = start; i < end; i += 1) {
      if (isBad(status[i] as StatusCode)) continue;
      this.#packedValues[count] = values[i] as number;
      this.#packedTimes[count] = times[i] as number;
      count += 1;
    }
    return this.show(this.#packedValues, this.#packedTimes, 0, count);
  }
}

/** Keeps recent values of one signal, averaged over equal stretches of time, for a sparkline. It is bounded. */
export class Trace {
  readonly #stretch: number;
  readonly #capacity: number;
  readonly #values: number[] = [];
  #slot = Number.NaN;
  #sum = 0;
  #count = 0;

  /**
   * @param stretch ms that one value stands for
   * @param capacity values that are kept
   */
  constructor(stretch: number, capacity: number) {
    this.#stretch = stretch;
    this.#capacity = capacity;
  }

  add(t: number, value: number): void {
    if (!Number.isFinite(value)) return;
    const slot = Math.floor(t / this.#stretch);
    if (slot !== this.#slot) this.#begin(slot);
    this.#sum += value;
    this.#count += 1;
  }

  /** The newest value, and before it at most `count - 1` older ones, oldest first. */
  last(count: number): readonly number[] {
    const current = this.#count > 0 ? [...this.#values, this.#sum / this.#count] : this.#values;
    return count > 0 ? current.slice(-count) : [];
  }

  #begin(slot: number): void {
    if (this.#count > 0) this.#values.push(this.#sum / this.#count);
    if (this.#values.length > this.#capacity) this.#values.shift();
    this.#slot = slot;
    this.#sum = 0;
    this.#count = 0;
  }
}

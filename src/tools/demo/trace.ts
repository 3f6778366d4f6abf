/** Recent values of one signal, averaged over equal stretches of time: what a sparkline is drawn from. Bounded. */
export class Trace {
  readonly #stretch: number;
  readonly #capacity: number;
  readonly #values: number[] = [];
  #slot = Number.NaN;
  #sum = 0;
  #count = 0;

  /** `stretch` in ms. */
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

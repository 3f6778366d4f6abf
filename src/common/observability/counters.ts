/** Distinct names that are kept; the rest is counted under `other`, so that hostile input cannot grow memory. */
const MAX_NAMES = 256;

/** Counts by name, for any name; bounded in how many are kept apart. */
export class Counters {
  readonly #counts = new Map<string, number>();

  /** Adds to the count of a name. */
  add(name: string, by = 1): void {
    const key = this.#counts.has(name) || this.#counts.size < MAX_NAMES ? name : 'other';
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }

  /** The count of a name; 0 for one that was never counted. */
  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** The counts by name, in the order of the alphabet. */
  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

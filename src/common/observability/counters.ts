/** Distinct names kept; the rest is counted under `other`, so that hostile input cannot grow memory. */
const MAX_NAMES = 256;

/** Named counts, bounded in names. */
export class Counters {
  readonly #counts = new Map<string, number>();

  add(name: string, by = 1): void {
    const key = this.#counts.has(name) || this.#counts.size < MAX_NAMES ? name : 'other';
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Calls whoever asked to hear of something, in the order in which they asked. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Returns what ends it. */
  add(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** An error of a listener goes to the caller, and the listeners behind it are not called. */
  tell(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
}

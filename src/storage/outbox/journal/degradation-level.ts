import { type DegradationState, parseState, undegraded } from './degradation.ts';
import type { Meta } from './rows/meta.ts';

const KEY = 'ladder';

/** The degradation level in memory and, under its key in `meta`, in the file. */
export class DegradationLevel {
  current: DegradationState;
  readonly #meta: Meta;
  readonly #priorities: number;
  #saved: DegradationState;

  /** @param priorities how many different ones there are */
  constructor(meta: Meta, priorities: number) {
    this.#meta = meta;
    this.#priorities = priorities;
    this.current = undegraded(priorities);
    this.#saved = this.current;
  }

  load(): void {
    this.current = parseState(this.#meta.get(KEY), this.#priorities);
    this.#saved = this.current;
  }

  /** Moves on after a step that gave nothing, which is not worth a write by itself. */
  look(state: DegradationState): void {
    if (this.#saved === this.current) this.#saved = state;
    this.current = state;
  }

  /** Writes the level where it has changed. The caller runs it within a transaction. */
  save(): void {
    if (this.current === this.#saved) return;
    this.#meta.set(KEY, JSON.stringify(this.current));
    this.#saved = this.current;
  }
}

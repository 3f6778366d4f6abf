import type { Window } from '../../../common/core/index.ts';

/** What `write` said of a window. */
export interface Seen {
  readonly vector: Float64Array;
  readonly features: Float64Array;
}

/** Turns windows into a model's input, always in the same order. */
export interface Vectorizer {
  /** Elements of the model's input. */
  readonly length: number;
  /** The same as a shape, without the batch axis. */
  readonly shape: readonly number[];
  /** What is summarised: `TAG.feature`, or for a raw tensor the tags. */
  readonly names: readonly string[];
  /** Units of `names`. */
  readonly units: readonly string[];
  /** SHA-256 in hex of everything that decides the vector: input, tags' units, extent of the window. */
  readonly digest: string;
  /**
   * `out`, `length` elements: the scaled input of the model. `summary`, one element per name: its unscaled values; for a
   * raw tensor each tag's last sample in the window. What cannot be told from the window is NaN in both.
   * Returns why the whole input is NaN, where that is known: the window is in no operating mode.
   */
  write(window: Window, out: Float64Array, summary: Float64Array): string | undefined;
  /**
   * `out`: what the input of the window would have been if the hidden tags had shown the reference (one value per name,
   * unscaled). What is derived of them follows.
   */
  occlude(seen: Seen, hidden: ReadonlySet<string>, reference: Float64Array, out: Float64Array): void;
}

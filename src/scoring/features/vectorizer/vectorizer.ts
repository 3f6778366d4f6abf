import type { Window } from '../../../common/core/index.ts';
import type { Lack } from './missing.ts';

/** What `write` made of a window. */
export interface Seen {
  readonly vector: Float64Array;
  readonly features: Float64Array;
}

/** Turns windows into a model's input, always in the same order. */
export interface Vectorizer {
  /** Elements of the model's input. */
  readonly length: number;
  /** The shape of the input, without the batch axis. */
  readonly shape: readonly number[];
  /** Names of the numbers that are summarised: `TAG.feature`, or for a raw tensor the tags. */
  readonly names: readonly string[];
  /** Units of `names`. */
  readonly units: readonly string[];
  /** SHA-256 in hex of everything that decides the vector: input, tags' units, extent of the window. */
  readonly digest: string;
  /**
   * Writes the scaled input of the model into `out`, `length` elements, and its unscaled values into `summary`, one per
   * name; for a raw tensor these are the last samples of the tags. What the window does not say is NaN in both. Returns
   * why the window has no input, where that is known: it is in no operating mode, or something else is NaN than what
   * may be. `lack` takes what is missing and may be: NaN or the fill stands in its place, in both.
   */
  write(window: Window, out: Float64Array, summary: Float64Array, lack?: Lack): string | undefined;
  /**
   * Writes into `out` what the input of the window would have been if the hidden tags had shown the reference (one
   * value per name, unscaled). What is derived of them follows.
   */
  occlude(seen: Seen, hidden: ReadonlySet<string>, reference: Float64Array, out: Float64Array): void;
}

import type * as z from 'zod';
import type { Signal } from '../../common/core/index.ts';

/** What a feature may ask of the vector that it belongs to. */
export interface FeatureContext {
  /** Unit of the feature's tag, as the manifest states it. */
  readonly unit: string;
  /** Gives access to the signal of another tag over the same window. Throws `features.unknown-tag`. */
  other(tag: string): () => Signal;
  /**
   * Makes one analysis for all features that ask for it by the same key; the key names everything that it depends on.
   */
  shared<T>(key: string, create: () => T): T;
  /** Gives a number that changes with each signal: what was found out about the last one no longer holds. */
  turn(): number;
}

/** A number that says something about a signal. A new one is a file, a line in the catalogue and a test. */
export interface FeatureDefinition<P = unknown> {
  /** The name in a manifest: lower case with underscores. */
  readonly name: string;
  readonly description: string;
  /** What a window must hold for it, else it is NaN, without a full stop; left out where one sample will do. */
  readonly needs?: string;
  /** Whether it takes values by their place in the signal, so that a missing sample must keep its place. */
  readonly positional?: true;
  /** Gives the unit of the feature for a tag of the given unit; `1` where it has none. */
  unit(tagUnit: string): string;
  /** Parameters that a manifest may give, checked before `create`; left out where there are none. */
  readonly params?: z.ZodType<P>;
  /** Tags that the parameters name beside the feature's own; left out where there are none. */
  tags?(params: P): readonly string[];
  /**
   * Returns the function that computes the feature. It must not keep anything from signal to signal, takes irregular
   * times and any length, and gives NaN for an empty signal, and where the signal cannot carry it.
   */
  create(params: P, context: FeatureContext): (signal: Signal) => number;
}

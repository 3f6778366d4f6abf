import type { z } from 'zod';
import type { Signal } from '../core/index.ts';

/** A number that says something about a signal. A new one is a file, a line in the catalogue and a test. */
export interface FeatureDefinition<P = unknown> {
  /** As in a manifest: lower case with underscores. */
  readonly name: string;
  readonly description: string;
  /** Unit of the feature for a tag of the given unit; `1` where it has none. */
  unit(tagUnit: string): string;
  /** Parameters that a manifest may give, checked before `create`; left out where there are none. */
  readonly params?: z.ZodType<P>;
  /**
   * Returns the function that computes the feature. It must not keep anything from signal to signal, takes irregular
   * times and any length, and gives NaN for an empty signal.
   */
  create(params: P): (signal: Signal) => number;
}

import type { Signal, Window } from '../../src/core/index.ts';
import { GOOD } from '../../src/core/index.ts';
import { features } from '../../src/features/index.ts';

/** A signal of these values, one each second unless times (ms) are given. */
export function signal(values: readonly number[], times: readonly number[] = values.map((_, i) => 1000 * i)): Signal {
  return { values: Float64Array.from(values), times: Float64Array.from(times), start: 0, end: values.length };
}

/** What a feature of the catalogue says of a signal. */
export function compute(name: string, of: Signal, params: unknown = {}): number {
  const definition = features.find((feature) => feature.name === name);
  if (!definition) throw new Error(`${name} is not in the catalogue`);
  return definition.create(params)(of);
}

/** A good window of these signals, one per tag. */
export function window(signals: readonly Signal[], from = 0, to = from): Window {
  return { from, to, quality: GOOD, signal: (tag) => signals[tag] ?? signal([]) };
}

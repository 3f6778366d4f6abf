import type { Signal, Window } from '../../src/common/core/index.ts';
import { GOOD } from '../../src/common/core/index.ts';
import {
  type FeatureContext,
  type FeatureDefinition,
  features,
  SpectrumCache,
} from '../../src/scoring/features/index.ts';

/** A signal of these values, one each second unless times (ms) are given. */
export function signal(values: readonly number[], times: readonly number[] = values.map((_, i) => 1000 * i)): Signal {
  return { values: Float64Array.from(values), times: Float64Array.from(times), start: 0, end: values.length };
}

/** SKF 6205: the drive end of the motor of the Case Western Reserve recordings. */
export const SKF_6205 = { balls: 9, ball: 7.94, pitch: 39.04 };

const REQUIRED: Readonly<Record<string, object>> = {
  envelope_amplitude: { defect: 'BPFO', bearing: SKF_6205, speed: 1797 },
  envelope_prominence: { defect: 'BPFO', bearing: SKF_6205, speed: 1797 },
};

/** What a feature gets where nothing else matters: only the parameters that it cannot do without. */
export function leastParams({ name, params }: FeatureDefinition): unknown {
  return params?.parse(REQUIRED[name] ?? {}) ?? {};
}

/** The context of a vector over an acceleration in m/s2, told before each signal that another one comes. */
export function freshContext(others: Readonly<Record<string, Signal>> = {}): FeatureContext {
  const cache = new SpectrumCache((tag) => () => others[tag] ?? signal([]));
  const context = cache.contextOf('m/s2');
  return {
    ...context,
    turn: () => {
      cache.next();
      return context.turn();
    },
  };
}

/** What a feature of the catalogue says of a signal. */
export function compute(name: string, of: Signal, params?: unknown, context = freshContext()): number {
  const definition = features.find((feature) => feature.name === name);
  if (!definition) throw new Error(`${name} is not in the catalogue`);
  const parsed = params === undefined ? leastParams(definition) : (definition.params?.parse(params) ?? {});
  return definition.create(parsed, context)(of);
}

/** A good window of these signals, one per tag. */
export function window(signals: readonly Signal[], from = 0, to = from): Window {
  const of = (tag: number) => signals[tag] ?? signal([]);
  return { from, to, quality: GOOD, signal: of, lacks: (tag) => of(tag).end === of(tag).start, aligned: of };
}

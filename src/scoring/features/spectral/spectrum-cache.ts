import type { Signal } from '../../../common/core/index.ts';
import type { FeatureContext } from '../definition.ts';

/** Shares analyses among the features of one vector: each is made once, and done once a signal. */
export class SpectrumCache {
  readonly #shared = new Map<string, unknown>();
  readonly #other: (tag: string) => () => Signal;
  #turn = 0;

  /** @param other gives the signal of a tag over the window at hand */
  constructor(other: (tag: string) => () => Signal) {
    this.#other = other;
  }

  /** Notes that another signal comes: another tag, another window. */
  next(): void {
    this.#turn += 1;
  }

  /** Makes the context of the features of a tag with this unit. */
  contextOf(unit: string): FeatureContext {
    return {
      unit,
      other: this.#other,
      shared: <T>(key: string, create: () => T): T => {
        if (!this.#shared.has(key)) this.#shared.set(key, create());
        return this.#shared.get(key) as T;
      },
      turn: () => this.#turn,
    };
  }
}

/** Makes an analysis that runs once a signal, however many features ask. */
export function oncePerSignal<T>(context: FeatureContext, analyse: (signal: Signal) => T): (signal: Signal) => T {
  let turn = Number.NaN;
  let result: T;
  return (signal) => {
    if (turn !== context.turn()) {
      result = analyse(signal);
      turn = context.turn();
    }
    return result;
  };
}

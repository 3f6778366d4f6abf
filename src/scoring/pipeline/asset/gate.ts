import type { Reading } from '../../../common/core/index.ts';
import type { Condition } from '../../../common/expression/index.ts';
import type { WindowOptions } from '../../windows/index.ts';
import { latestOf } from '../reading/block.ts';
import { compileGate } from './conditions.ts';
import { type AssetState, resetWindows } from './state.ts';

/** Lets through the readings of an asset while a condition on its latest values and attributes holds. */
export class Gate {
  readonly #condition: Condition;
  readonly #windows: WindowOptions;

  constructor(condition: Condition, windows: WindowOptions) {
    this.#condition = condition;
    this.#windows = windows;
  }

  /** Whether a reading counts. A gate that closes resets the windows, so that none spans a stop of the machine. */
  admits(state: AssetState, reading: Reading): boolean {
    Object.assign(state.latest, reading.values, latestOf(reading.block));
    const open = this.#condition({ tags: state.latest, attributes: state.attributes });
    if (!open && state.gateOpen) resetWindows(state, this.#windows);
    state.gateOpen = open;
    return open;
  }
}

/** Makes the gate of a pipeline; undefined where all readings count. Throws `expression.invalid`. */
export function createGate(when: string | undefined, windows: WindowOptions): Gate | undefined {
  const condition = compileGate(when);
  return condition && new Gate(condition, windows);
}

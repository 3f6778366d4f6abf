import type { Reading, ReadingValue } from '../../../common/core/index.ts';
import type { Condition } from '../../../common/expression/index.ts';
import type { ReadingOrigin } from '../../windows/index.ts';
import { latestOf } from '../reading/block.ts';
import { compileGate } from './conditions.ts';
import { type AssetState, emptyWindows } from './state.ts';

/** Characters of a text that a gate looks at; of a longer one it knows nothing. */
const MAX_TEXT = 1_024;

/** Lets through the readings of an asset while a condition on its latest values and attributes holds. */
export class Gate {
  readonly #condition: Condition;
  /** The tags that the condition names: of no other is a value kept, so that what comes cannot make it grow. */
  readonly #tags: readonly string[];

  constructor(condition: Condition) {
    this.#condition = condition;
    this.#tags = condition.references.flatMap(([root, tag]) => (root === 'tags' && tag !== undefined ? [tag] : []));
  }

  /**
   * Whether a reading counts. A gate that closes empties the windows, so that none spans a stop of the machine. A late
   * reading is judged by what it and the late ones before it say, and neither opens the gate nor closes it.
   */
  admits(state: AssetState, reading: Reading, now: number, origin: ReadingOrigin | undefined): boolean {
    const { latest, gateClock: clock, attributes } = state;
    const heard = clock.hear(reading.t, now, origin);
    if (heard === 'stepped') Object.assign(latest, clock.late);
    if (heard !== 'late') clock.late = {};
    const said: Record<string, ReadingValue> = {};
    this.#note(said, reading.values);
    if (reading.block) this.#note(said, latestOf(reading.block));
    for (const tag in said) {
      const value = said[tag] ?? null;
      if (clock.isLatest(tag, reading.t)) latest[tag] = value;
      if (heard === 'late') clock.late[tag] = value;
    }
    if (heard === 'late') return this.#condition({ tags: { ...latest, ...clock.late }, attributes });
    const open = this.#condition({ tags: latest, attributes });
    if (!open && state.gateOpen) emptyWindows(state);
    state.gateOpen = open;
    return open;
  }

  /** Gives of saved values those that the condition names: an earlier program kept all. */
  latestOf(saved: Readonly<Record<string, ReadingValue>>): Record<string, ReadingValue> {
    const latest: Record<string, ReadingValue> = {};
    this.#note(latest, saved);
    return latest;
  }

  #note(latest: Record<string, ReadingValue>, values: Readonly<Record<string, ReadingValue>>): void {
    for (const tag of this.#tags) {
      if (!Object.hasOwn(values, tag)) continue;
      const value = values[tag] ?? null;
      latest[tag] = typeof value === 'string' && value.length > MAX_TEXT ? null : value;
    }
  }
}

/** Makes the gate of a pipeline; undefined where all readings count. Throws `expression.invalid`. */
export function createGate(when: string | undefined): Gate | undefined {
  const condition = compileGate(when);
  return condition && new Gate(condition);
}

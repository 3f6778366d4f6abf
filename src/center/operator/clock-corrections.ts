import type { WireRecord } from '../../common/core/index.ts';
import type { UnknownRecord } from '../../common/protocol/index.ts';

/** Records of one boot whose times a wrong clock gave, and by how much they are off. */
interface Correction {
  readonly boot: string;
  readonly first: number;
  readonly last: number;
  /** Times of the wrong clock, ms since the epoch: others came from a source with a clock of its own, and are right. */
  readonly since: number;
  readonly until: number;
  readonly offset: number;
}

/** Steps that are remembered; a device whose clock is set more often has none to speak of. */
const MAX_CORRECTIONS = 100;
/** The time, in ms, by which windows may begin before the clock that cut them, and end after it. */
const SLACK_MS = 60_000;

/** Keeps what `clock-step` events tell of records that were made while the clock could not be trusted. Pure. */
export class ClockCorrections {
  readonly #known: Correction[] = [];

  /** Takes note of a record, which says something where it is a `clock-step` event. */
  note(record: WireRecord | UnknownRecord): void {
    if (record.type !== 'event' || !('event' in record) || record.event !== 'clock-step') return;
    const { boot, from, offsetMs, wrong } = record.detail;
    const { first, last, since } = (wrong ?? {}) as Readonly<Record<string, unknown>>;
    const numbers = [from, offsetMs, first, last, since];
    if (typeof boot !== 'string' || !numbers.every((value) => typeof value === 'number')) return;
    const [until = 0, offset = 0, low = 0, high = 0, start = 0] = numbers;
    this.#known.push({ boot, first: low, last: high, since: start, until, offset });
    if (this.#known.length > MAX_CORRECTIONS) this.#known.shift();
  }

  /** Returns by how many ms the time of a record is too small; 0 where it is right, or nobody knows better. */
  offsetOf(boot: string, { seq, t, clock }: WireRecord | UnknownRecord): number {
    if (clock) return 0;
    const correction = this.#known.findLast(
      (one) =>
        one.boot === boot &&
        seq >= one.first &&
        seq <= one.last &&
        t >= one.since - SLACK_MS &&
        t <= one.until + SLACK_MS,
    );
    return correction?.offset ?? 0;
  }
}

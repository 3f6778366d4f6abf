import { type ByteReader, type ByteWriter, isBad, StatusCode } from '../../common/core/index.ts';
import { ABSENT, type WindowTag } from './types.ts';

/**
 * The last value of each tag that is held (`hold`), for rows and windows that lack it. What is held stands for a value
 * that did not come: it is UncertainLastUsableValue, which OPC UA (Part 4, 7.39) gives where "whatever was updating this
 * value has stopped doing so"; a value that was not good when it came keeps its status. Beyond `hold` it is no value any
 * more: BadNoCommunication, and before the first one BadWaitingForInitialData.
 */
export class HeldValues {
  readonly #hold: Float64Array;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  readonly #status: Uint32Array;

  /** Whether there are tags beside those that are held. */
  readonly beside: boolean;

  constructor(tags: readonly WindowTag[]) {
    this.beside = tags.some(({ hold }) => hold === undefined);
    this.#hold = Float64Array.from(tags, ({ hold = Number.NaN }) => hold);
    this.#times = new Float64Array(tags.length).fill(Number.NEGATIVE_INFINITY);
    this.#values = new Float64Array(tags.length).fill(Number.NaN);
    this.#status = new Uint32Array(tags.length).fill(ABSENT);
  }

  /** Whether the last value of a tag is held. */
  holds(tag: number): boolean {
    return !Number.isNaN(this.#hold[tag]);
  }

  /** Takes a value that came at `t`, with the status that it is kept under; an older one than the last changes nothing. */
  hear(tag: number, t: number, value: number, status: StatusCode): void {
    if (!this.holds(tag) || t < (this.#times[tag] as number)) return;
    this.#times[tag] = t;
    this.#values[tag] = value;
    this.#status[tag] = status;
  }

  /** Status of the value that stands for one of time `t`. */
  statusAt(tag: number, t: number): StatusCode {
    const status = this.#status[tag] as StatusCode;
    if ((status as number) === ABSENT) return StatusCode.BadWaitingForInitialData;
    if (Math.abs(t - (this.#times[tag] as number)) > (this.#hold[tag] as number)) return StatusCode.BadNoCommunication;
    return status === StatusCode.Good ? StatusCode.UncertainLastUsableValue : status;
  }

  /** The value that stands for one of time `t`; NaN where there is none. */
  valueAt(tag: number, t: number): number {
    return isBad(this.statusAt(tag, t)) ? Number.NaN : (this.#values[tag] as number);
  }

  /** Forgets all of them: times begin again. */
  clear(): void {
    this.#times.fill(Number.NEGATIVE_INFINITY);
    this.#status.fill(ABSENT);
  }

  /** Writes what is held. */
  save(out: ByteWriter): void {
    for (let tag = 0; tag < this.#hold.length; tag += 1) {
      if (!this.holds(tag)) continue;
      out.f64(this.#times[tag] as number);
      out.f64(this.#values[tag] as number);
      out.u32(this.#status[tag] as number);
    }
  }

  /** Puts what was saved into new ones of the same tags. */
  restore(from: ByteReader): void {
    for (let tag = 0; tag < this.#hold.length; tag += 1) {
      if (!this.holds(tag)) continue;
      this.#times[tag] = from.f64();
      this.#values[tag] = from.f64();
      this.#status[tag] = from.u32();
    }
  }
}

/** Makes the values of tags of which some are held; undefined where none is. */
export function heldValues(tags: readonly WindowTag[]): HeldValues | undefined {
  return tags.some(({ hold }) => hold !== undefined) ? new HeldValues(tags) : undefined;
}

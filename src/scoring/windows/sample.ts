import { isBad, StatusCode } from '../../common/core/index.ts';
import type { WindowTag } from './types.ts';

/** Judges samples on their way into the windows. */
export class SampleGate {
  readonly #low: Float64Array;
  readonly #high: Float64Array;

  constructor(tags: readonly WindowTag[]) {
    this.#low = Float64Array.from(tags, (tag) => tag.range?.[0] ?? -Number.MAX_VALUE);
    this.#high = Float64Array.from(tags, (tag) => tag.range?.[1] ?? Number.MAX_VALUE);
  }

  /**
   * Gives the status under which a value is kept. A value outside the range seen in training is used but uncertain;
   * one that is no finite number is bad, whatever its sender says.
   */
  judge(tag: number, value: number, status: number): StatusCode {
    const code = status as StatusCode;
    if (isBad(code)) return code;
    if (!Number.isFinite(value)) return StatusCode.BadDecodingError;
    const inRange = value >= (this.#low[tag] as number) && value <= (this.#high[tag] as number);
    return inRange || code !== StatusCode.Good ? code : StatusCode.UncertainEngineeringUnitsExceeded;
  }
}

/** Whether two samples of one tag at one time are the same sample sent twice. */
export function sameSample(value: number, status: number, other: number, otherStatus: number): boolean {
  return status === otherStatus && (value === other || Object.is(value, other));
}

/** The last time that a date can have, ms since the epoch. */
const LAST_TIME = 8.64e15;

/** Whether t can be a time, ms since the epoch; what is none belongs to no window. */
export function isTime(t: number): boolean {
  return Math.abs(t) <= LAST_TIME;
}

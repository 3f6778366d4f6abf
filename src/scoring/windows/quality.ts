import { GOOD, isBad, type Quality, StatusCode, statusName, worst } from '../../common/core/index.ts';
import { ABSENT, type WindowTag } from './types.ts';

/** Reasons that one window gives; further ones are only counted. */
const MAX_REASONS = 24;

/** Of the samples of a tag: some are not usable, or none is. */
const SOME = 1;
const NONE = 2;

/** Rounding of a share, a quotient of counts, that is not a sample too many. */
const ROUNDING = 1e-9;

/** Samples that a tag should have had in a window and has not. */
export interface Shortfall {
  /** 0 to 1 of the window. */
  readonly share: number;
  readonly code: StatusCode;
  /** The reason, such as `missing 12 of 600`. */
  readonly text: string;
}

/**
 * Judges the quality of one window, tag by tag. With share = (bad + missing) / expected samples of a tag:
 *
 * | a tag's samples                          | code                                            | reason                        |
 * | ---------------------------------------- | ----------------------------------------------- | ----------------------------- |
 * | all there and good                       | Good                                            | none                          |
 * | some uncertain, also by the tag's range  | theirs                                          | `TS1: Uncertain... x2`        |
 * | 0 < share <= maxMissing                  | UncertainDataSubNormal                          | `TS1: BadSensorFailure x3`    |
 * | share > maxMissing, more bad than missing| the worst of the bad ones                       | `TS1: BadSensorFailure x3`    |
 * | share > maxMissing, none, or fell silent | BadNoCommunication                              | `FS2: missing 600 of 600`     |
 * | the same, the tag began in this window   | BadWaitingForInitialData                        | `FS2: missing 12 of 600`      |
 * | the same, otherwise                      | BadDataLost                                     | `FS2: missing 12 of 600`      |
 *
 * A tag that may be `missing` is tolerated whatever its share, unless no tag of the window has a usable sample.
 * A window that ends early (end of the input, silence, no room) is judged alike: what did not come is missing, and a
 * window that has all of its samples is good. A window across a stop that may have cost samples is
 * UncertainDataSubNormal. The window has the code of highest severity; of two alike, the first tag's.
 */
export class QualityTally {
  readonly #tags: readonly WindowTag[];
  readonly #maxMissing: number;
  readonly #unusable: Uint32Array;
  /** Whether a tag lacks samples, 1 for yes; 2 where it has no usable one. */
  readonly #lacks: Uint8Array;
  readonly #causes = new Map<StatusCode, number>();
  #code: StatusCode = StatusCode.Good;
  /** The code without the tolerance of tags that may be missing. */
  #strict: StatusCode = StatusCode.Good;
  #reasons: string[] = [];
  #further = 0;

  constructor(tags: readonly WindowTag[], maxMissing: number) {
    this.#tags = tags;
    this.#maxMissing = maxMissing + ROUNDING;
    this.#unusable = new Uint32Array(tags.length);
    this.#lacks = new Uint8Array(tags.length);
  }

  /** Begins with another window. */
  begin(): void {
    this.#code = StatusCode.Good;
    this.#strict = StatusCode.Good;
    this.#further = 0;
    this.#unusable.fill(0);
    this.#lacks.fill(0);
    if (this.#reasons.length > 0) this.#reasons = [];
  }

  /** Adds a tag's samples: elements [start, end) of their statuses, absent ones being missing. */
  add(tag: number, status: Uint32Array, start: number, end: number, short?: Shortfall): void {
    const absent = this.#count(tag, status, start, end);
    const shortfall = absent > 0 ? absentRows(absent, end - start) : short;
    if (this.unusable(tag) === end - start) this.#lacks[tag] = NONE;
    else if (shortfall || this.unusable(tag) > 0) this.#lacks[tag] = SOME;
    if (shortfall || this.#causes.size > 0) this.#judge(tag, end - start - absent, shortfall);
  }

  /** Notes that the window lies across a stop behind which samples of all tags may be gone. */
  addSeam(reason: string): void {
    this.#say(reason);
    this.#code = worst(this.#code, StatusCode.UncertainDataSubNormal);
  }

  /** Number of samples of a tag that `add` found bad or absent. */
  unusable(tag: number): number {
    return this.#unusable[tag] as number;
  }

  /** Whether `add` found that a tag lacks samples. */
  lacks(tag: number): boolean {
    return this.#lacks[tag] !== 0;
  }

  /** Gives the quality of the window. */
  finish(): Quality {
    if (this.#lacks.every((lacks) => lacks === NONE)) this.#code = this.#strict;
    if (this.#code === StatusCode.Good && this.#reasons.length === 0) return GOOD;
    if (this.#further > 0) this.#reasons.push(`and ${this.#further} more`);
    return { code: this.#code, reasons: this.#reasons };
  }

  #count(tag: number, status: Uint32Array, start: number, end: number): number {
    const causes = this.#causes;
    let absent = 0;
    let bad = 0;
    causes.clear();
    for (let i = start; i < end; i += 1) {
      const code = status[i] as StatusCode;
      if (code === StatusCode.Good) continue;
      if ((code as number) === ABSENT) {
        absent += 1;
        continue;
      }
      causes.set(code, (causes.get(code) ?? 0) + 1);
      if (isBad(code)) bad += 1;
    }
    this.#unusable[tag] = absent + bad;
    return absent;
  }

  #judge(tag: number, taken: number, shortfall: Shortfall | undefined): void {
    const name = this.#tags[tag]?.name ?? '';
    const missing = shortfall?.share ?? 0;
    let bad = 0;
    let code: StatusCode = StatusCode.Good;
    if (shortfall) this.#say(`${name}: ${shortfall.text}`);
    for (const [cause, count] of this.#causes) {
      this.#say(`${name}: ${statusName(cause)} x${count}`);
      if (isBad(cause)) bad += (count / taken) * (1 - missing);
      code = worst(code, cause);
    }
    const some = missing + bad > 0;
    if (missing + bad <= this.#maxMissing) code = this.#tolerated(some);
    else if (shortfall && missing >= bad) code = shortfall.code;
    this.#strict = worst(this.#strict, code);
    this.#code = worst(this.#code, this.#tags[tag]?.missing && some ? StatusCode.UncertainDataSubNormal : code);
  }

  /** Gives the code of a tag whose bad and missing samples are few enough. */
  #tolerated(some: boolean): StatusCode {
    if (some) return StatusCode.UncertainDataSubNormal;
    return [...this.#causes.keys()].reduce(worst, StatusCode.Good);
  }

  #say(reason: string): void {
    if (this.#reasons.length < MAX_REASONS) this.#reasons.push(reason);
    else this.#further += 1;
  }
}

function absentRows(absent: number, rows: number): Shortfall {
  const code = absent === rows ? StatusCode.BadNoCommunication : StatusCode.BadDataLost;
  return { share: absent / rows, code, text: `missing ${absent} of ${rows}` };
}

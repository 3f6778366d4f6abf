import type { ByteReader, ByteWriter } from '../../../common/core/index.ts';

/** Different minutes in which an asset has to be heard before it counts as established. */
const ESTABLISHED_MINUTES = 10;
/** Silence of an established asset after which it counts as quiet, in times of the pipeline's `idle`. */
const PATIENCE = 12;
const MINUTE_MS = 60_000;

/** How often an asset was heard, and in how many different minutes. */
export interface Heard {
  readonly readings: number;
  readonly minutes: number;
}

/** What an asset has of which nothing came yet. */
export const UNHEARD: Heard = { readings: 0, minutes: 0 };
/** What an asset is given of which nobody knows how often it was heard: an earlier program followed it. */
export const LONG_HEARD: Heard = { readings: 0, minutes: ESTABLISHED_MINUTES };

/**
 * How often, and over how long, an asset was heard. Readings are counted as they come; time is taken from `tick` alone,
 * so that it plays no part where none comes, in a replay.
 */
export class Standing {
  #readings: number;
  #minutes: number;
  #turn: number;
  #heard: boolean;
  /** Processing time of the tick that found it heard last; undefined before the first tick. */
  #heardAt: number | undefined;
  #minuteAt = Number.NEGATIVE_INFINITY;
  #quiet = false;

  /** @param turn see `turn`; @param heard whether a reading came just now */
  constructor({ readings, minutes }: Heard, turn: number, heard = true) {
    this.#readings = readings;
    this.#minutes = minutes;
    this.#turn = turn;
    this.#heard = heard;
  }

  /** Readings that came. */
  get readings(): number {
    return this.#readings;
  }

  /** The pipeline's number of its last reading: the greater, the later it was heard. */
  get turn(): number {
    return this.#turn;
  }

  /** Whether it was heard over so long that no number of readings of others takes its place. */
  get established(): boolean {
    return this.#minutes >= ESTABLISHED_MINUTES;
  }

  /** Whether nothing came of it for long. */
  get quiet(): boolean {
    return this.#quiet;
  }

  /** A reading came. */
  hear(turn: number): void {
    this.#readings += 1;
    this.#turn = turn;
    this.#heard = true;
    this.#quiet = false;
  }

  /** Lets processing time pass. @param idle silence, ms, after which an asset is quiet that is not established */
  tick(now: number, idle: number): void {
    if (this.#heard || this.#heardAt === undefined) this.#heardAt = now;
    if (this.#heard && now - this.#minuteAt >= MINUTE_MS) {
      this.#minuteAt = now;
      this.#minutes = Math.min(ESTABLISHED_MINUTES, this.#minutes + 1);
    }
    this.#heard = false;
    this.#quiet = now - this.#heardAt >= (this.established ? PATIENCE * idle : idle);
  }

  /** Writes how often it was heard. */
  save(out: ByteWriter): void {
    out.f64(this.#readings);
    out.u32(this.#minutes);
  }

  /** Goes on where one was saved. Throws RangeError where the bytes are no such state. */
  restore(from: ByteReader): void {
    this.resume({ readings: from.f64(), minutes: from.u32() });
  }

  /** Goes on with what was heard before. */
  resume({ readings, minutes }: Heard): void {
    this.#readings = readings;
    this.#minutes = minutes;
  }
}

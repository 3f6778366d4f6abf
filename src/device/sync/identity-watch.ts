/** The end of a connection, or of an attempt. */
export interface Ending {
  /** Whether the broker says that another client came with the same client id (MQTT 5). */
  readonly takenOver: boolean;
  /**
   * Whether the broker closed it without a word while it owed no answer: all that 3.1.1 has for a take-over, and what
   * Mosquitto 2.0 does under 5, too. Where it owed one, it may have closed for what it was sent.
   */
  readonly silent: boolean;
  /** The time, in ms, that it stood; undefined for an attempt that failed. */
  readonly stood: number | undefined;
}

/** Take-overs that make a conflict; one or two are a device that was replaced, or our own old connection. */
const TAKE_OVERS = 3;
/** Short connections that the broker closed without a word, beside the word of another: many things look like it. */
const SHORT_ONES = 5;
/** As many of them are reason enough to listen for another. */
const SUSPICIOUS = 2;
/** The time, in ms, that a connection must stand to end the episode. */
const STABLE = 60_000;
/** The least wait in a conflict, in ms: two devices that throw each other out must leave both time to send. */
const SLOW = 60_000;
/** What is added to that wait at random, at most. */
const JITTER = 240_000;

/**
 * Finds two devices with one identity. Seen is a take-over where the broker says so (MQTT 5), or where connections
 * are closed without a word and another has spoken as this device meanwhile. A broker that only hangs up is no proof.
 */
export class IdentityWatch {
  readonly #random: () => number;
  #takeOvers = 0;
  #shortOnes = 0;
  #seen = false;
  #conflict = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether another device has the same identity. */
  get conflict(): boolean {
    return this.#conflict;
  }

  /** Whether it is worth to listen for another. */
  get suspicious(): boolean {
    return this.#shortOnes >= SUSPICIOUS;
  }

  /** Takes the end of a connection; returns true where an episode begins with it. */
  ended({ takenOver, silent, stood }: Ending): boolean {
    // Who takes a connection over needs a broker that is there.
    if (stood === undefined) this.#shortOnes = 0;
    if (stood === undefined) return false;
    if (stood >= STABLE) this.#calm();
    this.#takeOvers += takenOver ? 1 : 0;
    this.#shortOnes += silent && stood < STABLE ? 1 : 0;
    if (this.#conflict) return false;
    this.#conflict = this.#takeOvers >= TAKE_OVERS || (this.#seen && this.#shortOnes >= SHORT_ONES);
    return this.#conflict;
  }

  /** Notes that another has spoken as this device. */
  seen(): void {
    this.#seen = true;
  }

  /** Notes that a connection has stood for so many ms. */
  stands(ms: number): void {
    if (ms >= STABLE) this.#calm();
  }

  /** The time, in ms, until the next attempt; undefined where nothing is wrong. */
  get wait(): number | undefined {
    return this.#conflict ? SLOW + this.#random() * JITTER : undefined;
  }

  #calm(): void {
    this.#takeOvers = 0;
    this.#shortOnes = 0;
    this.#seen = false;
    this.#conflict = false;
  }
}

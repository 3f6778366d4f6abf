/** The end of a connection that stood. */
export interface Ending {
  /** Whether the broker says that another client came with the same client id (MQTT 5). */
  readonly takenOver: boolean;
  /**
   * Whether the broker closed it without a word: all that 3.1.1 has for a take-over, and what Mosquitto 2.0 does under
   * 5, too.
   */
  readonly closedByBroker: boolean;
  /** The time, in ms, that it stood. */
  readonly stood: number;
}

/** Take-overs that make a conflict; one or two are a device that was replaced, or our own old connection. */
const TAKE_OVERS = 3;
/** Short connections in a row, closed by the broker, where nobody says why: other things look like it. */
const SHORT_ONES = 5;
/** The time, in ms, that a connection must stand to end the episode. */
const STABLE = 60_000;
/** The least wait in a conflict, in ms: two devices that throw each other out must leave both time to send. */
const SLOW = 60_000;
/** What is added to that wait at random, at most. */
const JITTER = 240_000;

/** Finds two devices with one identity by how their connections end. */
export class IdentityWatch {
  readonly #random: () => number;
  #takeOvers = 0;
  #shortOnes = 0;
  #conflict = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether another device seems to have the same identity. */
  get conflict(): boolean {
    return this.#conflict;
  }

  /** Takes the end of a connection; returns true where an episode begins with it. */
  ended({ takenOver, closedByBroker, stood }: Ending): boolean {
    if (stood >= STABLE) this.#calm();
    this.#takeOvers += takenOver ? 1 : 0;
    this.#shortOnes = (takenOver || closedByBroker) && stood < STABLE ? this.#shortOnes + 1 : 0;
    if (this.#conflict) return false;
    this.#conflict = this.#takeOvers >= TAKE_OVERS || this.#shortOnes >= SHORT_ONES;
    return this.#conflict;
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
    this.#conflict = false;
  }
}

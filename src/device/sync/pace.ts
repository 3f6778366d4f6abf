/** The bounds of what is paced. */
export interface PaceOptions {
  /** Most bytes a second. */
  readonly rate: number;
  /** Most bytes in flight, on the fastest of links. */
  readonly most: number;
}

/** The time of sending, in ms, that may be made up for after a pause. */
const BURST = 250;
/**
 * The time, in ms, by which the backlog may slow acknowledgements down before it gives way: a live record waits that
 * much more.
 */
const TOLERATED = 250;
/** Bytes in flight to begin with. */
const FIRST = 64 * 1024;
/** Bytes in flight at least. */
const LEAST = 4 * 1024;

/**
 * Says how fast the backlog may go beside live data: not above a rate, and with no more in flight than the link carries
 * without delay. As in LEDBAT (RFC 6817) the quickest acknowledgement says what the link takes when it is idle; what
 * they take longer is a queue of our own making. Time (monotonic ms) is an argument.
 */
export class Pace {
  readonly #options: PaceOptions;
  #allowed = FIRST;
  #inFlight = 0;
  #quickest = Number.POSITIVE_INFINITY;
  /** The time at which the rate allows the next byte. */
  #freeAt = Number.NEGATIVE_INFINITY;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** The time at which the next batch may be claimed, as far as the rate is concerned. */
  get freeAt(): number {
    return this.#freeAt;
  }

  /** Whether another batch may be in flight. */
  get hasRoom(): boolean {
    return this.#inFlight < this.#allowed;
  }

  /** Most bytes of the next batch: one alone must not block the link for longer than what is in flight may. */
  get maxBytes(): number {
    return Math.floor(this.#allowed);
  }

  /** The time, in ms, that an acknowledgement takes where nothing slows it down more than is tolerated. */
  get patience(): number {
    return this.#quickest + TOLERATED;
  }

  /** Begins anew: another connection may carry more or less. */
  connected(): void {
    this.#allowed = FIRST;
    this.#inFlight = 0;
    this.#quickest = Number.POSITIVE_INFINITY;
  }

  /** Counts a batch that is published. */
  sent(bytes: number, now: number): void {
    this.#inFlight += bytes;
    this.#freeAt = Math.max(this.#freeAt, now - BURST) + (bytes / this.#options.rate) * 1_000;
  }

  /** Counts bytes that are no longer in flight, for whatever reason. */
  done(bytes: number): void {
    this.#inFlight -= bytes;
  }

  /** Notes that a batch of any lane was acknowledged after so many ms. */
  acked(took: number): void {
    this.#quickest = Math.min(this.#quickest, took);
    const slow = took - this.#quickest > TOLERATED;
    const next = slow ? this.#allowed / 2 : this.#allowed * 1.25;
    this.#allowed = Math.min(this.#options.most, Math.max(LEAST, next));
  }
}

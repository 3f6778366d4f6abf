import { MAX_OUTSTANDING } from '../../common/protocol/index.ts';

/** The time, in ms, for which a request may fill the link: a live record waits no longer behind it. */
const SPAN = 250;
/** Bytes that the first request of a connection asks for: nothing is known of the link yet. */
const FIRST = 2 * 1024;
/** Bytes around a piece: those of the message, its topic, TCP and IP. */
const AROUND = 110;
/** Pieces are not smaller, but to measure: what is around them takes its bytes, too. */
const USUAL_PIECE = 1024;
/** Bytes of the smallest request, and of the greatest. */
const LEAST = USUAL_PIECE + AROUND;
const MOST = MAX_OUTSTANDING + AROUND * (MAX_OUTSTANDING / 1024);
/** The share of what was measured before that counts beside the newest. */
const MEMORY = 0.7;
/** Times as much as the request before that one may ask for. */
const GROWTH = 2;
/** Requests in a row that must be late: a packet that is lost makes a single one late on any link. */
const LATE_ONES = 3;
/** Requests of one piece, which say nothing of the link, before one of two small ones that does. */
const MEASURE_EVERY = 16;

/** How much a request asks for. */
export interface Portion {
  /** Bytes of a piece. */
  readonly size: number;
  /** Most pieces. */
  readonly count: number;
}

/**
 * Says how much a request may ask for: at most 64 KiB, and no more than the link carries in a quarter of a second. What
 * it carries is told by how fast the pieces of a request follow the first; time (monotonic ms) is an argument.
 */
export class FetchPace {
  #allowed = FIRST;
  #carried = { bytes: 0, ms: 0 };
  #asked = 0;
  /** The shortest time, in ms, from a request to its first piece: that of the way without a queue. */
  #quickest = Number.POSITIVE_INFINITY;
  #first: number | undefined;
  #last = 0;
  #bytes = 0;
  #late = 0;
  #unmeasured = MEASURE_EVERY;

  /** Begins anew: another connection may carry more or less. */
  connected(): void {
    this.#allowed = FIRST;
    this.#carried = { bytes: 0, ms: 0 };
    this.#quickest = Number.POSITIVE_INFINITY;
    this.#first = undefined;
    this.#late = 0;
    this.#unmeasured = MEASURE_EVERY;
  }

  /** How much the next request may ask for, in pieces of one of these sizes, which fall: two at least, where they fit. */
  portion(sizes: readonly number[]): Portion {
    const usual = sizes.filter((size) => size >= USUAL_PIECE);
    const fitting = usual.find((size) => 2 * (size + AROUND) <= this.#allowed);
    const least = sizes.at(-1) ?? MAX_OUTSTANDING;
    if (fitting !== undefined) return { size: fitting, count: this.pieces(fitting) };
    if (this.#unmeasured >= MEASURE_EVERY || usual.length === 0)
      return { size: least, count: Math.max(2, this.pieces(least)) };
    return { size: usual.at(-1) ?? least, count: 1 };
  }

  /** The number of pieces of a size that may be asked for; one at least. */
  pieces(size: number): number {
    const allowed = Math.floor(this.#allowed / (size + AROUND));
    return Math.max(1, Math.min(allowed, Math.floor(MAX_OUTSTANDING / size)));
  }

  /** Notes that a request goes. */
  asked(now: number): void {
    this.#asked = now;
    this.#first = undefined;
    this.#bytes = 0;
  }

  /** Notes that a piece of the request came. */
  came(bytes: number, now: number): void {
    if (this.#first === undefined) {
      this.#first = now;
      this.#quickest = Math.min(this.#quickest, now - this.#asked);
    } else this.#bytes += bytes + AROUND;
    this.#last = now;
  }

  /** Notes that the request is over. */
  over(): void {
    if (this.#first === undefined) return;
    this.#unmeasured = this.#bytes > 0 ? 0 : this.#unmeasured + 1;
    // A shaper lets a burst through at once, and then seems fast: what counts in the end is the time that it took.
    const late = this.#last - this.#asked - this.#quickest > SPAN;
    this.#late = late ? this.#late + 1 : 0;
    if (this.#late >= LATE_ONES) {
      this.#allowed = Math.max(LEAST, this.#allowed / 2);
      this.#late = 0;
    } else if (this.#bytes > 0) {
      this.#allowed = Math.max(LEAST, Math.min(this.#allowed * GROWTH, this.#inSpan(), MOST));
    }
    this.#first = undefined;
  }

  /** Bytes that the link carries in the time that a request may take. */
  #inSpan(): number {
    const { bytes, ms } = this.#carried;
    this.#carried = { bytes: bytes * MEMORY + this.#bytes, ms: ms * MEMORY + (this.#last - (this.#first ?? 0)) };
    return (this.#carried.bytes / Math.max(this.#carried.ms, 0.1)) * SPAN;
  }
}

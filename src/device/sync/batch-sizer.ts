/** Bytes of a PUBLISH around topic and payload, with room to spare: header, packet id, content type. */
const OVERHEAD = 64;
/** Below this it is not worth splitting further. */
const LEAST_BYTES = 1_024;
/** Sealed size is foretold, not known: aim below what is allowed. */
const MARGIN = 0.9;
/** What was refused once is not tried again, nor what comes close. */
const BELOW_REFUSED = 0.8;
/** Growth after each batch that came through. */
const GROWTH = 1.25;

export interface BatchLimits {
  /** Of the payload as it is sent. */
  readonly maxBytes: number;
  readonly maxRecords: number;
}

interface Size {
  readonly records: number;
  readonly bytes: number;
}

/**
 * How large a batch may be: the configured limit, the connection's own, and what the broker has turned out not to take.
 * Halved when a batch is refused as too large, growing again with every one that comes through, but not up to the
 * size that was refused.
 */
export class BatchSizer {
  readonly #configured: BatchLimits;
  readonly #topicBytes: number;
  /** What the connection at hand says that it takes. */
  #room = Number.POSITIVE_INFINITY;
  #refused: number;
  #maxBytes: number;
  #maxRecords: number;

  constructor(configured: BatchLimits, topicBytes: number) {
    this.#configured = configured;
    this.#topicBytes = topicBytes;
    this.#refused = configured.maxBytes;
    this.#maxBytes = configured.maxBytes;
    this.#maxRecords = configured.maxRecords;
  }

  get current(): BatchLimits {
    const maxBytes = Math.max(LEAST_BYTES, Math.min(this.#maxBytes, this.#room, this.#refused));
    return { maxBytes, maxRecords: this.#maxRecords };
  }

  connected(maximumPacketSize: number | undefined): void {
    this.#room =
      maximumPacketSize === undefined ? Number.POSITIVE_INFINITY : maximumPacketSize - OVERHEAD - this.#topicBytes;
  }

  confirmed(): void {
    this.#maxRecords = Math.min(this.#configured.maxRecords, Math.ceil(this.#maxRecords * GROWTH));
    this.#maxBytes = Math.min(this.#configured.maxBytes, Math.ceil(this.#maxBytes * GROWTH));
  }

  /** The broker said so. */
  refused({ records, bytes }: Size): void {
    const { maxBytes } = this.current;
    if (bytes > maxBytes) {
      // Larger than was asked for: it says nothing of the broker's limit.
      this.#maxRecords = Math.max(1, Math.min(records - 1, Math.floor((records * maxBytes * MARGIN) / bytes)));
      return;
    }
    this.#refused = Math.floor(bytes * BELOW_REFUSED);
    this.#halve({ records, bytes });
  }

  /** Connections keep ending on it, which may have other reasons. */
  suspected(size: Size): void {
    this.#halve(size);
  }

  #halve({ records, bytes }: Size): void {
    this.#maxBytes = Math.max(LEAST_BYTES, Math.floor(bytes / 2));
    this.#maxRecords = Math.max(1, Math.floor(records / 2));
  }
}

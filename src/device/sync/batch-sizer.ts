/** The bytes of a PUBLISH around topic and payload, with room to spare: header, packet id, content type. */
const OVERHEAD = 64;
/** The least size, in bytes: it is not worth splitting further. */
const LEAST_BYTES = 1_024;
/** The share of the limit to aim at: the size of a batch is foretold, not known. */
const MARGIN = 0.9;
/** The share of a refused size that is tried again at most. */
const BELOW_REFUSED = 0.8;
/** The growth after each batch that came through. */
const GROWTH = 1.25;

/** How large a batch may be. */
export interface BatchLimits {
  /** Most bytes of the payload as it is sent. */
  readonly maxBytes: number;
  readonly maxRecords: number;
}

interface Size {
  readonly records: number;
  readonly bytes: number;
}

/**
 * Says how large a batch may be: the configured limit, the connection's own, and what the broker has turned out not to
 * take. Halved when a batch is refused as too large, growing again with every one that comes through, but not up to the
 * size that was refused.
 */
export class BatchSizer {
  readonly #configured: BatchLimits;
  readonly #topicBytes: number;
  /** The bytes of a payload that the connection at hand says that it takes. */
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

  /** The limits of the next batch. */
  get current(): BatchLimits {
    const maxBytes = Math.max(LEAST_BYTES, Math.min(this.#maxBytes, this.#room, this.#refused));
    return { maxBytes, maxRecords: this.#maxRecords };
  }

  /** Notes what the broker of this connection says that it takes, in bytes of a packet. */
  connected(maximumPacketSize: number | undefined): void {
    this.#room =
      maximumPacketSize === undefined ? Number.POSITIVE_INFINITY : maximumPacketSize - OVERHEAD - this.#topicBytes;
  }

  /** Notes that a batch came through. */
  confirmed(): void {
    this.#maxRecords = Math.min(this.#configured.maxRecords, Math.ceil(this.#maxRecords * GROWTH));
    this.#maxBytes = Math.min(this.#configured.maxBytes, Math.ceil(this.#maxBytes * GROWTH));
  }

  /** Notes that the broker refused a batch as too large. */
  refused({ records, bytes }: Size): void {
    const { maxBytes } = this.current;
    if (bytes > maxBytes) {
      // A batch larger than was asked for says nothing of the broker's limit.
      this.#maxRecords = Math.max(1, Math.min(records - 1, Math.floor((records * maxBytes * MARGIN) / bytes)));
      return;
    }
    this.#refused = Math.floor(bytes * BELOW_REFUSED);
    this.#halve({ records, bytes });
  }

  /** Notes that connections keep ending on batches of this size, which may have other reasons. */
  suspected(size: Size): void {
    this.#halve(size);
  }

  #halve({ records, bytes }: Size): void {
    this.#maxBytes = Math.max(LEAST_BYTES, Math.floor(bytes / 2));
    this.#maxRecords = Math.max(1, Math.floor(records / 2));
  }
}

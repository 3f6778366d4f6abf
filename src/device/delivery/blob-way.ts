import type { BlobData, BlobGet } from '../../common/protocol/index.ts';

/** Whoever waits for pieces; called in the order in which things happen, and must not throw. */
export interface BlobListener {
  /** The way stands: what was asked for before is forgotten. */
  connected(): void;
  closed(): void;
  /** A piece came, asked for or not: nothing about it is checked. */
  data(data: BlobData): void;
  /** Something came that is no piece. */
  malformed(): void;
}

/** A way by which pieces of blobs come to the device. Nobody on it is trusted. */
export interface BlobWay {
  readonly connected: boolean;
  /** Has a listener called, one at a time. Returns what ends it, and with it what is on its way. */
  listen(listener: BlobListener): () => void;
  /** Asks for pieces, which come to the listener, or do not. Rejects where the request cannot be sent. */
  ask(request: BlobGet): Promise<void>;
}

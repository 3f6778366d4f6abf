import type { ClaimedBatch, Lane } from '../../common/core/index.ts';
import type { Link, LinkOptions } from '../../common/link/index.ts';
import type { Receipt, StatusMessage } from '../../common/protocol/index.ts';

/** How large a batch may be, and in which form it is. */
export interface ClaimLimits {
  /** Most bytes of the payload as it is sent. A single record may be longer: it is then the only one. */
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly gzip: boolean;
}

/** What receipts have settled: so many records, and batches that are over with that. */
export interface Settlement {
  readonly records: number;
  readonly batches: readonly number[];
}

/** The outbox as the uplink needs it. Only `claim` takes time; nothing here waits for the disk. */
export interface OutboxPort {
  /** Seals the next records of a lane; undefined when none wait. They are in flight until one of the calls below. */
  claim(lane: Lane, limits: ClaimLimits): Promise<ClaimedBatch | undefined>;
  /** Notes that the link stands: what is committed from now on is live, what waits is backlog. */
  beginLive(): void;
  /** Confirms a batch: the broker has taken it. */
  confirm(id: number): void;
  /** Gives a batch back to the front of the queue. */
  release(id: number): void;
  /** Gives up a batch that no broker will ever take: its record is dead, and counted. */
  reject(id: number, reason: string): void;
  /**
   * Offers confirmed records once more, in the lane `again`; tells how many of a range come, wait anyway, and are gone.
   */
  resend(range: { readonly boot: string; readonly from: number; readonly to: number }): Promise<{
    readonly sending: number;
    readonly waiting: number;
    readonly gone: number;
  }>;
  /**
   * Settles what a consumer says that it has, whoever sent it and when. Resolves with the ranges that cannot be, by
   * reason.
   */
  noteReceipt(receipt: Receipt): Promise<Readonly<Record<string, number>>>;
  /** Has a listener called when receipts are on disk. Returns what ends it. */
  onReceived(listener: (received: Settlement) => void): () => void;
  /** Has a listener called when there may be something to claim again, other than by a commit. Returns what ends it. */
  onOffered(listener: () => void): () => void;
  /**
   * Has a listener called after every commit with how many records it had, and how many are urgent, where that is
   * known. Returns what ends it.
   */
  onCommitted(listener: (commit: { readonly records: number; readonly urgent?: number }) => void): () => void;
}

/** A connection as the uplink needs it. */
export type LinkPort = Pick<
  Link,
  'state' | 'info' | 'lastError' | 'retryIn' | 'start' | 'listen' | 'subscribe' | 'publish' | 'close'
>;

/** Makes a connection that is not started yet. */
export type Connect = (options: LinkOptions) => LinkPort;

/** The state of a device in a status message, beyond who, when and whether online. */
export type DeviceState = Pick<StatusMessage, 'seq' | 'versions' | 'models' | 'queue' | 'audit'>;

/** Keeps what is used of the day's budget over restarts. */
export interface BudgetStore {
  /** The value as found at the start. */
  readonly saved: unknown;
  save(value: unknown): void;
}

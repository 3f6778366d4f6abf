import type { ClaimedBatch, Lane } from '../../common/core/index.ts';
import type { Link, LinkOptions } from '../../common/link/index.ts';
import type { Receipt, StatusMessage } from '../../common/protocol/index.ts';

export interface ClaimLimits {
  /** Of the payload, as it is sent. A single record may be longer: it is then the only one. */
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly gzip: boolean;
}

export interface Settlement {
  readonly records: number;
  readonly batches: readonly number[];
}

/** What the uplink needs of the outbox. Only `claim` takes time; nothing here waits for the disk. */
export interface OutboxPort {
  /** Seals the next records of a lane; undefined when none wait. They are in flight until one of the calls below. */
  claim(lane: Lane, limits: ClaimLimits): Promise<ClaimedBatch | undefined>;
  /** The link stands: what is committed from now on is live, what waits is backlog. */
  beginLive(): void;
  /** The broker has taken them. */
  confirm(id: number): void;
  /** Back to the front of the queue. */
  release(id: number): void;
  /** No broker will ever take this one: dead, and counted. */
  reject(id: number, reason: string): void;
  /** Offers confirmed records once more, in the lane `again`; tells how many of a range come, wait anyway, and are gone. */
  resend(range: { readonly boot: string; readonly from: number; readonly to: number }): Promise<{
    readonly sending: number;
    readonly waiting: number;
    readonly gone: number;
  }>;
  /** A consumer says what it has, whoever sent it and when. Resolves with the ranges that cannot be, by reason. */
  noteReceipt(receipt: Receipt): Promise<Readonly<Record<string, number>>>;
  /** Told when receipts are on disk: how many records they settled, and the batches that are over with it. Returns what ends it. */
  onReceived(listener: (received: Settlement) => void): () => void;
  /** Told when there may be something to claim again, other than by a commit. Returns what ends it. */
  onOffered(listener: () => void): () => void;
  /** Told after every commit how many records it had, and how many of them are urgent, where that is known. Returns what ends it. */
  onCommitted(listener: (commit: { readonly records: number; readonly urgent?: number }) => void): () => void;
}

/** What the uplink needs of a connection. */
export type LinkPort = Pick<
  Link,
  'state' | 'info' | 'lastError' | 'start' | 'listen' | 'subscribe' | 'publish' | 'close'
>;

export type Connect = (options: LinkOptions) => LinkPort;

/** What a status message says beyond who, when and whether online. */
export type DeviceState = Pick<StatusMessage, 'seq' | 'versions' | 'models' | 'queue' | 'audit'>;

/** Keeps small values over restarts. */
export interface BudgetStore {
  /** As found at the start. */
  readonly saved: unknown;
  save(value: unknown): void;
}

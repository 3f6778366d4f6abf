import type { ClaimedBatch, Lane } from '../core/index.ts';
import type { Link, LinkOptions } from '../link/index.ts';
import type { StatusMessage } from '../protocol/index.ts';

export interface ClaimLimits {
  /** Of the payload, as it is sent. A single record may be longer: it is then the only one. */
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly gzip: boolean;
}

/** What the uplink needs of the outbox. Only `claim` takes time; nothing here waits for the disk. */
export interface OutboxPort {
  /** Seals the next records of a lane; undefined when none wait. They are in flight until one of the calls below. */
  claim(lane: Lane, limits: ClaimLimits): Promise<ClaimedBatch | undefined>;
  /** The broker has taken them. */
  confirm(id: number): void;
  /** Back to the front of the queue. */
  release(id: number): void;
  /** No broker will ever take this one: dead, and counted. */
  reject(id: number, reason: string): void;
  /** Told after every commit how many records it had, and how many of them are urgent, where that is known. Returns what ends it. */
  onCommitted(listener: (commit: { readonly records: number; readonly urgent?: number }) => void): () => void;
}

/** What the uplink needs of a connection. */
export type LinkPort = Pick<Link, 'state' | 'info' | 'lastError' | 'start' | 'listen' | 'publish' | 'close'>;

export type Connect = (options: LinkOptions) => LinkPort;

/** What a status message says beyond who, when and whether online. */
export type DeviceState = Pick<StatusMessage, 'seq' | 'versions' | 'models' | 'queue' | 'audit'>;

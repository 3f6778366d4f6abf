import type { GivesWay } from './degradation.ts';
import type { LedgerRow } from './rows/ledger.ts';

/** How an outbox is opened. */
export interface OutboxOptions {
  /** Folder of telemetry.db, created if need be. */
  readonly path: string;
  readonly site: string;
  readonly device: string;
  /** Bytes of the file and its log together. */
  readonly max: number;
  /** Milliseconds that settled rows stay. */
  readonly keepAcked: number;
  /** Milliseconds of running that unconfirmed rows stay; without end where absent. */
  readonly retain?: number;
  /** Bytes of the disk that are left to others; at most an eighth of the disk. */
  readonly freeFloor?: number;
  /** Priority by pipeline, 0 where one is not named. Predictions of the lowest number give way first. */
  readonly priorities?: Readonly<Record<string, number>>;
  /** Bytes of records that memory holds at most before they are committed; the start after a crash says so. */
  readonly lossBytes?: number;
  /** Members of the event `start` beside the previous boot, for example the program's version. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Path of the SQLite addon, where it is not found by itself. */
  readonly nativeBinding?: string | undefined;
  /** Times before this one (the build's date, ms since the epoch) are not trusted. */
  readonly trustedSince?: number;
}

/** The boot before, and how it ended. */
export interface PreviousBoot {
  readonly boot: string;
  readonly lastSeq: number;
  readonly endedInOrder: boolean;
}

/** A boot that has begun, with what the outbox knows of the one before. */
export interface OpenedBoot {
  readonly boot: string;
  /** Seq of the newest record, with which the boot begins; 0 where a full disk has not taken it yet. */
  readonly seq: number;
  readonly previous: PreviousBoot | undefined;
  /** Position by source, as of the committed records. */
  readonly positions: Readonly<Record<string, string>>;
}

/** State of the outbox as `status` shows it. */
export interface OutboxStats {
  readonly boot: string;
  /** Seq of the newest committed record. */
  readonly seq: number;
  /** Bytes on disk of telemetry.db and its log. */
  readonly bytes: number;
  readonly cap: number;
  /**
   * Hours until a waiting record gives way if nothing is confirmed, at the rate of the last ten minutes; null without a
   * rate.
   */
  readonly hoursLeft: number | null;
  /** Bound that will be too small then. */
  readonly limit: 'cap' | 'disk' | 'retain';
  /** Degradation level; 0 while nothing is thinned. */
  readonly level: number;
  /** Records that give way next; null while there are none. */
  readonly next: GivesWay | null;
  readonly pending: number;
  /** Event time of the oldest pending record. */
  readonly oldestPending: number | null;
  readonly ledger: readonly LedgerRow[];
  /** The newest entry of the audit chain; absent where there is none. */
  readonly audit?: { readonly n: number; readonly head: string };
}

/** Damage to a file, or what became of it, for the log. */
export interface Notice {
  readonly event: 'store-corrupt' | 'store-salvaged';
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Outcome of one commit. */
export interface CommitResult {
  /** Entries that were waiting and are now committed. */
  readonly entries: number;
  /** Records to which this commit gave a seq: the entries, and the outbox's own. */
  readonly records: number;
  /** Urgent ones among the records. */
  readonly urgent: number;
  /** Bytes of the entries, as `entryBytes` counts them. */
  readonly bytes: number;
  /** Seq of the newest committed record. */
  readonly seq: number;
  /** Number of records that receipts settled, and the batches of which nothing waits any more. */
  readonly received: { readonly records: number; readonly batches: readonly number[] };
  /** Whether entries or receipts wait that did not fit into this transaction. */
  readonly more: boolean;
}

import type { GivesWay } from './degradation.ts';
import type { LedgerRow } from './rows/ledger.ts';

export interface OutboxOptions {
  /** Folder of telemetry.db, created if need be. */
  readonly path: string;
  readonly site: string;
  readonly device: string;
  /** Bytes of the file and its log together. */
  readonly max: number;
  /** Milliseconds that settled rows stay. */
  readonly keepAcked: number;
  /** Milliseconds, of running, that unconfirmed rows stay; without end where it is absent. */
  readonly retain?: number;
  /** Bytes of the disk that are left to others; of a small disk a share. */
  readonly freeFloor?: number;
  /** Which pipelines' predictions give way first: those of the lowest number. 0 where one is not named. */
  readonly priorities?: Readonly<Record<string, number>>;
  /** Most time, ms, of records that are not committed yet. */
  readonly lossWindow?: number;
  /** What the start event tells beside the previous boot, for example the program's version. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Path of the SQLite addon, where it is not found by itself. */
  readonly nativeBinding?: string | undefined;
  /** Times before this one (the build's date, ms since the epoch) are not trusted. */
  readonly trustedSince?: number;
}

export interface PreviousBoot {
  readonly boot: string;
  readonly lastSeq: number;
  readonly endedInOrder: boolean;
}

/** What is known once the outbox is open. */
export interface OpenedBoot {
  readonly boot: string;
  /** Of the start event, the boot's first record. */
  readonly seq: number;
  readonly previous: PreviousBoot | undefined;
  /** Positions of the sources that the committed records cover. */
  readonly positions: Readonly<Record<string, string>>;
}

export interface OutboxStats {
  readonly boot: string;
  /** Of the newest committed record. */
  readonly seq: number;
  /** On disk: telemetry.db with its log. */
  readonly bytes: number;
  readonly cap: number;
  /** Until a waiting record gives way if nothing is confirmed, at the rate of the last ten minutes; null without a rate. */
  readonly hoursLeft: number | null;
  /** What it is that will be too small then. */
  readonly limit: 'cap' | 'disk' | 'retain';
  /** 0 while nothing is thinned. */
  readonly level: number;
  /** What gives way next; null while nothing is there. */
  readonly next: GivesWay | null;
  readonly pending: number;
  /** Event time of the oldest pending record. */
  readonly oldestPending: number | null;
  readonly ledger: readonly LedgerRow[];
  /** The newest entry of the audit chain; absent where there is none. */
  readonly audit?: { readonly n: number; readonly head: string };
}

/** What happened to a file of the outbox's, for the log. */
export interface Notice {
  readonly event: 'store-corrupt' | 'store-salvaged';
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface CommitResult {
  /** Entries that were waiting and are now committed. */
  readonly entries: number;
  /** Given a seq by this commit: the entries, and what the outbox itself had to tell. */
  readonly records: number;
  /** Those of them that are urgent. */
  readonly urgent: number;
  /** As `entryBytes` counts them. */
  readonly bytes: number;
  /** Of the newest committed record. */
  readonly seq: number;
  /** Records that a consumer's receipts settled, and the batches that are over with it. */
  readonly received: { readonly records: number; readonly batches: readonly number[] };
  /** Entries or receipts wait that did not fit into this transaction. */
  readonly more: boolean;
}

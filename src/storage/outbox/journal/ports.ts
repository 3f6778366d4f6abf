import type { AuditPosition } from '../../../common/core/index.ts';

/** What control.db keeps for the outbox: the newest committed record, and the ledger as of then. */
export interface CommitNote {
  readonly boot: string;
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  /** As `packLedger` writes it. */
  readonly ledger: string;
}

export interface ControlPort {
  /** What became of a file that was damaged. */
  readonly damage?: { readonly file: string; readonly reason: string; readonly setAside: string } | undefined;
  /** As found at the start; undefined where there was no file. */
  readonly last: CommitNote | undefined;
  /** After each commit, before anybody is told of it. Throws store errors; the commit counts all the same. */
  note(note: CommitNote): void;
}

/** A place in a chain of audit entries. */
export interface AuditPlace {
  readonly chain: string;
  readonly n: number;
  readonly hash: string;
}

export interface AuditEntry extends AuditPosition {
  /** Whole ms since the epoch. */
  readonly at: number;
  readonly event: string;
  /** JSON. */
  readonly body: string;
}

/** The hash chain of audit events: an event is in it before anybody is told, and its record is a copy. */
export interface AuditPort {
  /** The newest entry; undefined before `begin`. */
  readonly head: AuditPlace | undefined;
  /**
   * Goes on with the chain, or begins one; `known` is the newest entry that telemetry.db has a copy of. Returns the
   * number of the newest entry that needs no copy.
   */
  begin(known: AuditPlace | undefined, at: number): number;
  append(event: string, detail: Readonly<Record<string, unknown>>, at: number): void;
  /** Entries after `n`, oldest first. */
  following(n: number, limit: number): readonly AuditEntry[];
  /** Committed in telemetry.db: copies up to this one. */
  copied(n: number): void;
}

/** What the composition gives to the outbox. */
export interface OutboxPorts {
  readonly control?: ControlPort;
  readonly audit?: AuditPort;
  /** Times before this one are not trusted, as earlier starts remember. */
  readonly trustedSince?: number;
  /** After the outbox is closed, or could not be opened. */
  close?(): void;
}

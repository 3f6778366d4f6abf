import type { AuditPosition } from '../../../common/core/index.ts';

/** What control.db keeps of telemetry.db: the newest committed record, and the ledger and boots as of then. */
export interface CommitNote {
  readonly boot: string;
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  /** Ledger and boots as `packNote` writes them. */
  readonly ledger: string;
}

/** The outbox's part of control.db. */
export interface ControlPort {
  /** What became of control.db where it was damaged. */
  readonly damage?: { readonly file: string; readonly reason: string; readonly setAside: string } | undefined;
  /** The note as found at the start; undefined where there was none. */
  readonly last: CommitNote | undefined;
  /**
   * Writes the note, after each commit and before it is reported. Throws store errors; the commit counts all the same.
   */
  note(note: CommitNote): void;
}

/** A place in a chain of audit entries. */
export interface AuditPlace {
  readonly chain: string;
  readonly n: number;
  readonly hash: string;
}

/** An entry of the audit chain. */
export interface AuditEntry extends AuditPosition {
  /** Whole ms since the epoch. */
  readonly at: number;
  readonly event: string;
  /** The event's detail as canonical JSON. */
  readonly body: string;
}

/** The hash chain of audit events. An event is in it before it is reported, and its record is a copy. */
export interface AuditPort {
  /** The newest entry; undefined before `begin`. */
  readonly head: AuditPlace | undefined;
  /**
   * Resumes the chain, or begins one; `known` is the newest entry that telemetry.db has a copy of. Returns the
   * number of the newest entry that needs no copy.
   */
  begin(known: AuditPlace | undefined, at: number): number;
  append(event: string, detail: Readonly<Record<string, unknown>>, at: number): void;
  /** Entries after `n`, oldest first. */
  following(n: number, limit: number): readonly AuditEntry[];
  /** Notes that telemetry.db has copies up to this entry. */
  copied(n: number): void;
}

/** What the composition gives to the outbox. */
export interface OutboxPorts {
  readonly control?: ControlPort;
  readonly audit?: AuditPort;
  /** Times before this one, ms since the epoch, are not trusted, as earlier starts remember. */
  readonly trustedSince?: number;
  /** Closes what was composed, after the outbox is closed or could not be opened. */
  close?(): void;
}

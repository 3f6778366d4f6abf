/** What control.db keeps for the outbox: the newest committed record, and the ledger as of then. */
export interface LastNote {
  readonly boot: string;
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  /** As `packLedger` writes it. */
  readonly ledger: string;
}

export interface ControlPort {
  /** As found at the start; undefined where there was no file. */
  readonly last: LastNote | undefined;
  /** After each commit, before anybody is told of it. Throws store errors; the commit counts all the same. */
  note(note: LastNote): void;
}

/** The hash chain of audit events. */
export interface AuditPort {
  append(
    event: string,
    detail: Readonly<Record<string, unknown>>,
    t: number,
  ): { readonly n: number; readonly hash: string };
}

/** What the composition gives to the outbox. */
export interface OutboxPorts {
  readonly control?: ControlPort;
  readonly audit?: AuditPort;
  /** After the outbox is closed, or could not be opened. */
  close?(): void;
}

/** Work of others in the store thread, by name. Runs when everything appended before it is committed. */
export type Asides = Readonly<Record<string, (payload: unknown, now: number) => unknown>>;

export interface StoreParts extends OutboxPorts {
  readonly asides?: Asides;
}

import { EdgewrightError, type EventName, type EventRecord } from '../../../common/core/index.ts';
import type { Statement, Store } from '../../../common/store/index.ts';
import { NO_PIPELINE } from './losses/losses.ts';
import type { AuditEntry, AuditPlace, AuditPort } from './ports.ts';
import type { Ledger } from './rows/ledger.ts';
import type { Records } from './rows/records.ts';

/** Key of `meta`: the newest audit entry that this file has a copy of. */
const COPIED = 'audit.copied';
/** Copies in one transaction, some ten pages. Starts that failed one after the other may have left more. */
const MAX_COPIES = 100;

/**
 * Takes what happens to the gateway into the audit chain at once, and from there, as records, into the next
 * transaction.
 */
export class Events {
  readonly #records: Records;
  readonly #ledger: Ledger;
  readonly #audit: AuditPort | undefined;
  readonly #store: Store;
  readonly #upsert: Statement<[string, string]>;
  /** Whether the chain goes on; until it does, events are records alone. */
  #resumed = false;
  /** Number of the newest entry of the chain that is a record, or need not become one. */
  #done = 0;
  /** Value of `done` once the transaction is committed; `copied` where the chain has then to be told. */
  #staged = { n: 0, copied: false };
  /** Events that the chain could not take. They become records all the same. */
  #loose: EventRecord[] = [];

  constructor(store: Store, records: Records, ledger: Ledger, audit: AuditPort | undefined) {
    this.#records = records;
    this.#ledger = ledger;
    this.#audit = audit;
    this.#store = store;
    this.#upsert = store.prepare<[string, string]>(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
  }

  /** The newest entry of the chain. */
  get head(): AuditPlace | undefined {
    return this.#audit?.head;
  }

  /** Whether something waits for its transaction. */
  get waiting(): boolean {
    return this.#loose.length > 0 || this.#newest > this.#done;
  }

  get #newest(): number {
    return this.head?.n ?? 0;
  }

  /** Resumes the chain. To be called before the first event. */
  begin(now: number): void {
    const audit = this.#audit;
    if (audit === undefined || this.#resumed) return;
    const known = copiedPlace(this.#store);
    const done = attempt(() => audit.begin(known, now));
    this.#resumed = done !== undefined;
    this.#done = done ?? this.#newest;
  }

  happened(event: EventName, detail: EventRecord['detail'], at: number): void {
    this.begin(at);
    const chained = attempt(() => {
      if (this.#resumed) this.#audit?.append(event, detail, at);
      return this.#resumed;
    });
    if (!chained) this.#loose.push({ type: 'event', t: at, event, detail });
  }

  /** Writes records, within a transaction. The first record of a boot is `start`, whatever the chain has before it. */
  write(trusted: boolean, beginning = false): void {
    const entries = this.#uncopied(beginning);
    const records = [...this.#loose, ...entries.map(toRecord)];
    const start = beginning ? records.findLast(({ event }) => event === 'start') : undefined;
    if (start !== undefined) this.#add(start, trusted);
    for (const record of records) if (record !== start) this.#add(record, trusted);
    const last = entries.at(-1);
    if (last === undefined) {
      // Where the chain does not give its entries, nobody waits for them: the next start tries again.
      this.#staged = { n: this.#newest, copied: false };
      return;
    }
    const place: AuditPlace = { chain: this.head?.chain ?? '', n: last.n, hash: last.hash };
    this.#upsert.run(COPIED, JSON.stringify(place));
    this.#staged = { n: last.n, copied: true };
  }

  /** Notes that the transaction is committed. */
  saved(): void {
    const { n, copied } = this.#staged;
    this.#loose = [];
    this.#done = n;
    this.#staged = { n, copied: false };
    if (copied) attempt(() => this.#audit?.copied(n));
  }

  #uncopied(beginning: boolean): readonly AuditEntry[] {
    const [audit, newest] = [this.#audit, this.#newest];
    const after = beginning ? Math.max(this.#done, newest - MAX_COPIES) : this.#done;
    if (audit === undefined || newest <= after) return [];
    return attempt(() => audit.following(after, MAX_COPIES)) ?? [];
  }

  #add(record: EventRecord, trusted: boolean): void {
    const kind = this.#ledger.kindOf(NO_PIPELINE, 'event');
    this.#ledger.commit(kind, 1);
    this.#records.add(kind, { at: record.t, trusted }, JSON.stringify(record));
  }
}

/** Makes a record from an entry, with all that the entry's hash is computed from. */
function toRecord({ n, prev, hash, at, event, body }: AuditEntry): EventRecord {
  return { type: 'event', t: at, event: event as EventName, detail: parse(body), audit: { n, prev, hash } };
}

/** Runs `work`; undefined where control.db fails, since telemetry.db does not depend on it. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof EdgewrightError) return undefined;
    throw error;
  }
}

/** The newest entry that the file has a copy of. Throws raw errors of SQLite. */
export function copiedPlace(store: Store): AuditPlace | undefined {
  const { chain, n, hash } = parse(
    store.prepare<[string], string>('SELECT value FROM meta WHERE key = ?', 'value').get(COPIED),
  );
  return typeof chain === 'string' && typeof n === 'number' && typeof hash === 'string'
    ? { chain, n, hash }
    : undefined;
}

/** Reads a JSON object. Empty where the text is damaged, which is for the verification to report. */
function parse(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

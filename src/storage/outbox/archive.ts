import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock, type FileLock, openStore, type Statement, type Store } from '../../common/store/index.ts';
import { noOutbox } from './errors.ts';
import { createState, loadState, type OutboxState } from './journal/outbox-state.ts';
import { type IdRange, IdRanges } from './journal/rows/id-ranges.ts';
import { recordSql } from './journal/rows/record-statements.ts';
import { SourcePositions } from './journal/rows/source-positions.ts';
import { FILE, MIGRATIONS, URGENT } from './journal/rows/tables.ts';
import { Writer } from './journal/writer.ts';

/** Which outbox is read, and what its records are to be confirmed by. */
export interface ArchiveOptions {
  /** Folder of telemetry.db. */
  readonly path: string;
  readonly site: string;
  readonly device: string;
  readonly keepAcked: number;
  readonly nativeBinding?: string | undefined;
}

/** A page of records as JSON texts, each with its identity. */
export interface ArchivePage {
  readonly lines: readonly string[];
  /** Number of rows that do not fit their checksum and are left out. */
  readonly damaged: number;
}

const PAGE_ROWS = 1_000;
const EXPORTED = 1;
/**
 * A loss record says of which boot the lost records are. In a batch that is apart from the boot that it is of itself; in
 * one object it needs a name of its own.
 */
const LOST_BOOT = /^("seq":\d+,"clock":(?:true|false),"type":"loss",[^{[]*?)"boot":/;

/** The outbox of a gateway that does not run, for export across an air gap. It holds the lock until `close`. */
export class OutboxArchive {
  readonly #store: Store;
  readonly #lock: FileLock;
  readonly #state: OutboxState;
  readonly #writer: Writer;
  readonly #envelope: string;
  readonly #exported = new IdRanges();
  readonly #rows: Statement<[number, number], [number, number]>;
  readonly #texts: Statement<[string, number, string], string>;

  constructor(options: ArchiveOptions, store: Store, lock: FileLock) {
    this.#store = store;
    this.#lock = lock;
    this.#state = createState(store);
    this.#writer = new Writer(this.#state, new SourcePositions(store), options.keepAcked);
    this.#envelope = `{"site":${JSON.stringify(options.site)},"device":${JSON.stringify(options.device)},"boot":`;
    this.#rows = store.prepare<[number, number], [number, number]>(
      'SELECT id, flags FROM record WHERE id >= ? ORDER BY id LIMIT ?',
      'array',
    );
    this.#texts = store.prepare<[string, number, string], string>(
      `SELECT ? || substr(${recordSql}, 2) FROM record WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
      'value',
    );
  }

  /** Opens the file. Throws `outbox.absent`, `store.locked` (which names the process) and other store errors. */
  static open(options: ArchiveOptions): OutboxArchive {
    const path = join(options.path, FILE);
    const { nativeBinding } = options;
    if (!existsSync(path)) throw noOutbox(path, 'is not there');
    const lock = acquireLock(path, { nativeBinding });
    let store: Store | undefined;
    try {
      store = openStore(path, { migrations: MIGRATIONS, nativeBinding });
      const archive = new OutboxArchive(options, store, lock);
      store.guard(() => loadState(archive.#state));
      return archive;
    } catch (error) {
      store?.close();
      lock.release();
      throw error;
    }
  }

  /** Yields what waits, oldest first; with `all` everything that is still kept. */
  *pages(all: boolean): Generator<ArchivePage> {
    let next = 0;
    for (;;) {
      const rows = this.#store.guard(() => this.#rows.all(next, PAGE_ROWS));
      const last = rows.at(-1)?.[0];
      if (last === undefined) return;
      next = last + 1;
      const waiting = new Set(this.#state.records.urgent.within(rows[0]?.[0] ?? 0, last));
      const ids = rows.filter(([id, flags]) => all || this.#waits(id, flags, waiting)).map(([id]) => id);
      if (ids.length > 0) yield this.#store.guard(() => this.#page(ids));
    }
  }

  /** Settles everything that `pages` gave. Returns how many records no longer wait. */
  confirm(now: number): number {
    return this.#store.transaction(() => {
      const settled = this.#writer.receive(this.#exported.all, now);
      this.#state.ledger.save();
      return settled;
    });
  }

  close(): void {
    this.#store.close();
    this.#lock.release();
  }

  #waits(id: number, flags: number, urgent: ReadonlySet<number>): boolean {
    if ((flags & URGENT) !== 0) return urgent.has(id);
    return this.#state.settled.ranges.get(id) === undefined;
  }

  #page(ids: readonly number[]): ArchivePage {
    const lines: string[] = [];
    let damaged = 0;
    for (const [first, boot] of this.#byBoot(ids)) {
      const bad = this.#state.records.damaged({ first, last: boot.at(-1) ?? first, ids: boot }, this.#bootOf(first));
      const broken = new Set(bad.map(({ id }) => id));
      const whole = boot.filter((id) => !broken.has(id));
      damaged += broken.size;
      for (const id of whole) this.#exported.set(id, id, EXPORTED);
      const { id, firstId } = this.#bootOf(first);
      const identity = `${this.#envelope}"${id}",`;
      const texts = this.#texts.all(identity, firstId - 1, JSON.stringify(whole));
      lines.push(...texts.map((text) => identity + text.slice(identity.length).replace(LOST_BOOT, '$1"lostBoot":')));
    }
    return { lines, damaged };
  }

  #bootOf(id: number) {
    return this.#state.boots.of(id, this.#state.records.newestId).boot;
  }

  #byBoot(ids: readonly number[]): Map<number, number[]> {
    const groups = new Map<number, number[]>();
    let range: Pick<IdRange, 'first' | 'last'> = { first: 0, last: -1 };
    for (const id of ids) {
      if (id > range.last) range = { first: id, last: this.#state.boots.of(id, this.#state.records.newestId).lastId };
      const group = groups.get(range.first);
      if (group === undefined) groups.set(range.first, [id]);
      else group.push(id);
    }
    return groups;
  }
}

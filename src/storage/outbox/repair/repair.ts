import { EdgewrightError, type EventRecord } from '../../../common/core/index.ts';
import { asidePath, isDamage, type Store, setAside } from '../../../common/store/index.ts';
import { type Limits, pagesFor } from '../capacity/file-limits.ts';
import type { Keeper } from '../capacity/housekeeper.ts';
import { SPARE_PAGES, type Transactions } from '../capacity/transactions.ts';
import { type Noted, packNote, unpackNote } from '../journal/commit-note.ts';
import type { Events } from '../journal/events.ts';
import type { Notice } from '../journal/options.ts';
import type { Books } from '../journal/outbox-state.ts';
import type { ControlPort } from '../journal/ports.ts';
import type { SourcePositions } from '../journal/rows/source-positions.ts';
import { FILE } from '../journal/rows/tables.ts';
import { checkStructure } from './integrity-check.ts';
import { Recovery, type Salvaged } from './salvage.ts';

/** A file that turns out to be damaged again and again is a disk that is going: after so many an hour it waits. */
const MAX_MENDS = 3;
const MENDS_MS = 3600e3;
/** Damaged rows are each in a loss record; that there are some is told so often. */
const ROWS_TOLD_MS = 3600e3;
/** Boots that the event names, the newest. */
const MAX_NAMED = 32;

export interface MenderParts {
  readonly store: Store;
  readonly books: Books;
  readonly positions: SourcePositions;
  readonly events: Events;
  readonly keeper: Keeper;
  readonly transactions: Transactions;
  readonly limits: Limits;
  readonly nativeBinding: string | undefined;
  readonly control: ControlPort | undefined;
  readonly trusted: (now: number) => boolean;
}

/** Keeps the outbox going where its file is damaged, at the start and later: a fresh file, and what can be brought over. */
export class Mender {
  private readonly store: Store;
  private readonly books: Books;
  private readonly positions: SourcePositions;
  private readonly events: Events;
  private readonly keeper: Keeper;
  private readonly transactions: Transactions;
  private readonly limits: Limits;
  private readonly control: ControlPort | undefined;
  private readonly trusted: (now: number) => boolean;
  private readonly recovery: Recovery;
  /** For the log. */
  readonly notices: Notice[] = [];
  /** What control.db was told last, or should have been. */
  private noted: Noted | undefined;
  private mends: number[] = [];
  private rowsToldAt = Number.NEGATIVE_INFINITY;
  /** Why the file cannot be used, until a fresh one is in its place. */
  private broken: { readonly reason: string; aside: boolean } | undefined;

  constructor(parts: MenderParts) {
    this.store = parts.store;
    this.books = parts.books;
    this.positions = parts.positions;
    this.events = parts.events;
    this.keeper = parts.keeper;
    this.transactions = parts.transactions;
    this.limits = parts.limits;
    this.control = parts.control;
    this.trusted = parts.trusted;
    this.recovery = new Recovery(parts.store, parts.books, parts.positions, parts.nativeBinding);
  }

  /** Whether there is still something to be brought over or told. */
  get busy(): boolean {
    return this.recovery.busy;
  }

  /** Loss records of what is known to be gone. Belongs into a transaction. */
  tell(now: number, clock: boolean): void {
    this.recovery.tell(now, clock);
  }

  happened(event: Notice['event'], detail: Notice['detail'], now: number): void {
    this.events.happened(event, detail, now);
    this.notices.push({ event, detail });
  }

  /** Rows that do not fit their checksums were found; the rest of the file is as it was. */
  foundRows(records: number, now: number): void {
    if (records === 0 || Math.abs(now - this.rowsToldAt) < ROWS_TOLD_MS) return;
    this.rowsToldAt = now;
    this.happened('store-corrupt', { file: FILE, reason: 'records do not fit their checksums', records }, now);
  }

  close(): void {
    this.recovery.close();
  }

  /** A look at what was found; a fresh file in place of a damaged one. Returns what there is to tell of it. */
  begin(now: number, damage: string | undefined): EventRecord['detail'] | undefined {
    const noted = unpackNote(this.control?.last);
    const reason = damage ?? this.inspect();
    if (reason !== undefined) {
      this.broken = { reason, aside: damage !== undefined };
      return this.replace(noted, 0, now);
    }
    const gap = noted && this.transactions.read(() => this.recovery.compare(noted));
    if (noted === undefined || gap === undefined) return undefined;
    const gone = this.books.records.newestId === 0;
    this.transactions.write(SPARE_PAGES, now, this.trusted(now), () => this.recovery.catchUp(noted, gap));
    return {
      file: FILE,
      reason: gone ? 'it is gone' : 'its newest records are gone; the end of its log cannot be read',
      boots: this.bootsInIt(),
    };
  }

  /** Why the file cannot be used, as far as a bounded look tells. */
  private inspect(): string | undefined {
    try {
      const { last } = this.transactions.read(() => this.books.boots);
      this.transactions.read(() => this.positions.read());
      if (last !== undefined && !last.ended) checkStructure(this.store);
      return undefined;
    } catch (error) {
      if (!isDamage(error)) throw error;
      return error.message;
    }
  }

  /** Runs `work`; where it finds the file damaged, a fresh one takes its place, and it runs again. */
  mending<T>(now: number, work: () => T): T {
    try {
      if (this.broken === undefined) return work();
    } catch (error) {
      if (!isDamage(error) || !this.mayMend(now)) throw error;
      this.broken = { reason: error.message, aside: false };
    }
    this.mend(now);
    return work();
  }

  private mayMend(now: number): boolean {
    this.mends = this.mends.filter((at) => Math.abs(now - at) < MENDS_MS);
    return this.mends.push(now) <= MAX_MENDS;
  }

  private mend(now: number): void {
    const clock = this.trusted(now);
    const detail = this.replace(this.noted, this.noted?.newestId ?? 0, now);
    this.happened('store-corrupt', detail, now);
    this.transactions.write(SPARE_PAGES, now, clock, () => {
      this.events.write(clock);
      this.recovery.tell(now, clock);
    });
    this.events.saved();
    this.note(now);
  }

  /** A fresh file in place of the broken one, which is set aside. Can be called again where it fails. */
  private replace(noted: Noted | undefined, given: number, now: number): EventRecord['detail'] {
    const { path } = this.store;
    const { broken } = this;
    const aside = asidePath(path);
    this.recovery.close();
    this.store.renew(() => {
      if (broken?.aside === false) setAside(path);
      if (broken !== undefined) broken.aside = true;
    });
    this.transactions.invalidate();
    this.transactions.write(SPARE_PAGES, now, this.trusted(now), () => this.recovery.begin(aside, noted, given, now));
    this.broken = undefined;
    return { file: FILE, reason: broken?.reason ?? '', setAside: aside, boots: this.bootsInIt() };
  }

  /** Whose records it had, so that whoever follows them knows how far each boot came. */
  private bootsInIt(): readonly { readonly boot: string; readonly lastSeq: number }[] {
    const { boots, records } = this.books;
    return boots.all.slice(-MAX_NAMED).map(({ id, firstId }) => {
      const { lastId } = boots.of(firstId, records.newestId);
      return { boot: id, lastSeq: lastId - firstId + 1 };
    });
  }

  /** Brings over some rows of a file that was set aside. Tells whether there are more. */
  salvage(now: number): boolean {
    if (!this.transactions.read(() => this.recovery.busy)) return false;
    const clock = this.trusted(now);
    const { transactionBytes } = this.limits;
    const pages = pagesFor(transactionBytes) + SPARE_PAGES;
    let result: Salvaged | undefined;
    this.transactions.write(pages, now, clock, () => {
      this.keeper.makeRoom(pages, now, clock);
      result = this.recovery.step(transactionBytes);
      this.recovery.tell(now, clock);
    });
    if (result !== undefined) this.happened('store-salvaged', { ...result }, now);
    return true;
  }

  /** Tells control.db how far it has come. */
  note(now: number): void {
    const { boots, ledger, records } = this.books;
    const { id: boot } = boots.current;
    const { newestId } = records;
    this.noted = { boot, at: now, newestId, ledger: ledger.kindRows(), boots: boots.all };
    try {
      this.control?.note(packNote(this.noted));
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
    }
  }
}

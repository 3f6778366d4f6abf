import { EdgewrightError, type EventRecord, type Moment } from '../../../common/core/index.ts';
import { asidePath, isDamage, type Store, setAside } from '../../../common/store/index.ts';
import { type FileLimits, pagesFor } from '../capacity/file-limits.ts';
import type { Housekeeper } from '../capacity/housekeeper.ts';
import { SPARE_PAGES, type Transactions } from '../capacity/transactions.ts';
import { type NotedState, packNote, unpackNote } from '../journal/commit-note.ts';
import type { Events } from '../journal/events.ts';
import type { Notice } from '../journal/options.ts';
import type { OutboxState } from '../journal/outbox-state.ts';
import type { ControlPort } from '../journal/ports.ts';
import type { SourcePositions } from '../journal/rows/source-positions.ts';
import { FILE } from '../journal/rows/tables.ts';
import { checkStructure } from './integrity-check.ts';
import { Salvage, type SalvageResult } from './salvage.ts';

/** Files that are replaced in an hour. More mean that the disk is failing, and then commits wait. */
const MAX_REPAIRS = 3;
const REPAIRS_MS = 3600e3;
/** Time between two events about damaged rows, each of which is in a loss record in any case. */
const ROWS_REPORTED_MS = 3600e3;
/** Newest boots that the event names. */
const MAX_NAMED = 32;

/** What the repair works on. */
export interface RepairParts {
  readonly store: Store;
  readonly state: OutboxState;
  readonly positions: SourcePositions;
  readonly events: Events;
  readonly housekeeper: Housekeeper;
  readonly transactions: Transactions;
  readonly limits: FileLimits;
  readonly nativeBinding: string | undefined;
  readonly control: ControlPort | undefined;
  readonly momentOf: (now: number) => Moment;
}

/**
 * Keeps the outbox going where its file is damaged, at the start and later: puts a fresh file in its place and brings
 * over what can be read.
 */
export class Repair {
  readonly #store: Store;
  readonly #state: OutboxState;
  readonly #positions: SourcePositions;
  readonly #events: Events;
  readonly #housekeeper: Housekeeper;
  readonly #transactions: Transactions;
  readonly #limits: FileLimits;
  readonly #control: ControlPort | undefined;
  readonly #momentOf: (now: number) => Moment;
  readonly #salvage: Salvage;
  /** Events for the log that have not been taken yet. */
  readonly notices: Notice[] = [];
  /** The commit note that control.db has, or should have. */
  #noted: NotedState | undefined;
  #repairs: number[] = [];
  #rowsReportedAt = Number.NEGATIVE_INFINITY;
  /** Why the file cannot be used, and whether it is set aside, until a fresh one is in its place. */
  #broken: { readonly reason: string; aside: boolean } | undefined;

  constructor(parts: RepairParts) {
    this.#store = parts.store;
    this.#state = parts.state;
    this.#positions = parts.positions;
    this.#events = parts.events;
    this.#housekeeper = parts.housekeeper;
    this.#transactions = parts.transactions;
    this.#limits = parts.limits;
    this.#control = parts.control;
    this.#momentOf = parts.momentOf;
    this.#salvage = new Salvage(parts.store, parts.state, parts.positions, parts.nativeBinding);
  }

  /** Whether there is still something to be brought over or reported. */
  get busy(): boolean {
    return this.#salvage.busy;
  }

  /** Writes loss records of what is known to be gone. The caller runs it within a transaction. */
  reportLosses(moment: Moment): void {
    this.#salvage.reportLosses(moment);
  }

  happened(event: Notice['event'], detail: Notice['detail'], now: number): void {
    this.#events.happened(event, detail, now);
    this.notices.push({ event, detail });
  }

  /** Reports, now and then, that rows do not fit their checksums. The rest of the file is sound. */
  reportDamagedRows(records: number, now: number): void {
    if (records === 0 || Math.abs(now - this.#rowsReportedAt) < ROWS_REPORTED_MS) return;
    this.#rowsReportedAt = now;
    this.happened('store-corrupt', { file: FILE, reason: 'records do not fit their checksums', records }, now);
  }

  close(): void {
    this.#salvage.close();
  }

  /**
   * Looks at the file that was found and replaces a damaged one. Returns the detail of the event where there was
   * damage. It can be called again where it fails.
   */
  begin(now: number, damage: string | undefined): EventRecord['detail'] | undefined {
    const noted = unpackNote(this.#control?.last);
    const reason = this.#broken?.reason ?? damage ?? this.#inspect();
    if (reason !== undefined) {
      this.#broken ??= { reason, aside: damage !== undefined };
      return this.#replace(noted, 0, now);
    }
    const gap = noted && this.#transactions.read(() => this.#salvage.compare(noted));
    if (noted === undefined || gap === undefined) return undefined;
    const gone = this.#state.records.newestId === 0;
    this.#transactions.write(SPARE_PAGES, this.#momentOf(now), () => this.#salvage.catchUp(noted, gap));
    return {
      file: FILE,
      reason: gone ? 'it is gone' : 'its newest records are gone; the end of its log cannot be read',
      boots: this.#bootsInIt(),
    };
  }

  /** Why the file cannot be used, as far as a bounded look finds out. */
  #inspect(): string | undefined {
    try {
      const { last } = this.#transactions.read(() => this.#state.boots);
      this.#transactions.read(() => this.#positions.read());
      if (last !== undefined && !last.ended) checkStructure(this.#store);
      return undefined;
    } catch (error) {
      if (!isDamage(error)) throw error;
      return error.message;
    }
  }

  /** Runs `work`. Where it finds the file damaged, a fresh one takes its place, and `work` runs again. */
  repairing<T>(now: number, work: () => T): T {
    try {
      if (this.#broken === undefined) return work();
    } catch (error) {
      if (!isDamage(error) || !this.#mayRepair(now)) throw error;
      this.#broken = { reason: error.message, aside: false };
    }
    this.#repair(now);
    return work();
  }

  #mayRepair(now: number): boolean {
    this.#repairs = this.#repairs.filter((at) => Math.abs(now - at) < REPAIRS_MS);
    return this.#repairs.push(now) <= MAX_REPAIRS;
  }

  #repair(now: number): void {
    const moment = this.#momentOf(now);
    const detail = this.#replace(this.#noted, this.#noted?.newestId ?? 0, now);
    this.happened('store-corrupt', detail, now);
    this.#transactions.write(SPARE_PAGES, moment, () => {
      this.#events.write(moment.trusted);
      this.#salvage.reportLosses(moment);
    });
    this.#events.saved();
    this.writeNote(now);
  }

  /** Sets the broken file aside and begins a fresh one in its place. It can be called again where it fails. */
  #replace(noted: NotedState | undefined, given: number, now: number): EventRecord['detail'] {
    const { path } = this.#store;
    const broken = this.#broken;
    const aside = asidePath(path);
    this.#salvage.close();
    this.#store.renew(() => {
      if (broken?.aside === false) setAside(path);
      if (broken !== undefined) broken.aside = true;
    });
    this.#transactions.invalidate();
    this.#transactions.write(SPARE_PAGES, this.#momentOf(now), () => this.#salvage.begin(aside, noted, given, now));
    this.#broken = undefined;
    return { file: FILE, reason: broken?.reason ?? '', setAside: aside, boots: this.#bootsInIt() };
  }

  /** Boots in the file and how far each came, for those who follow the records. */
  #bootsInIt(): readonly { readonly boot: string; readonly lastSeq: number }[] {
    const { boots, records } = this.#state;
    return boots.all.slice(-MAX_NAMED).map(({ id, firstId }) => {
      const { lastId } = boots.of(firstId, records.newestId);
      return { boot: id, lastSeq: lastId - firstId + 1 };
    });
  }

  /** Brings over some rows of a file that was set aside. Returns whether there may be more. */
  salvageSome(now: number): boolean {
    if (!this.#transactions.read(() => this.#salvage.busy)) return false;
    const moment = this.#momentOf(now);
    const { transactionBytes } = this.#limits;
    const pages = pagesFor(transactionBytes) + SPARE_PAGES;
    let result: SalvageResult | undefined;
    this.#transactions.write(pages, moment, () => {
      this.#housekeeper.makeRoom(pages, moment);
      result = this.#salvage.step(transactionBytes);
      this.#salvage.reportLosses(moment);
    });
    if (result !== undefined) this.happened('store-salvaged', { ...result }, now);
    return true;
  }

  /** Writes the commit note. Where control.db does not take it, the commit counts all the same. */
  writeNote(now: number): void {
    const { boots, ledger, records } = this.#state;
    const { id: boot } = boots.current;
    const { newestId } = records;
    this.#noted = { boot, at: now, newestId, ledger: ledger.kindRows(), boots: boots.all };
    try {
      this.#control?.note(packNote(this.#noted));
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
    }
  }
}

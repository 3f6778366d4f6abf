import { PAGE_BYTES, type Store } from '../store/index.ts';
import type { Books } from './books.ts';
import { newestOf } from './claims.ts';
import type { Limits } from './limits.ts';
import type { Measure, Selection } from './records.ts';

/** Rows that give way at a time: enough to free whole pages, few enough not to drop more than was asked. */
const STEP_ROWS = 128;
/** Kinds count from 1. */
const NO_KIND = 0;
/** Having begun to make room, make some more: a transaction that drops nothing is cheaper. */
const SPARE_SHARE = 1 / 64;
/** Of the pages wanted on a full disk, how many times as many the file must have for dropping to be worth it. */
const WORTHWHILE = 4;
/** A file that is mostly free pages is given back; otherwise they are used again. */
const MOSTLY_FREE = 0.75;
const SHRINK_PAGES = 256;
const MIN_SHRINK_PAGES = 256;

/** Keeps the file under its cap, and deletes confirmed rows when their time has come. Changes belong into a transaction. */
export class Space {
  private readonly store: Store;
  private readonly limits: Limits;
  private readonly books: Books;

  constructor(store: Store, limits: Limits, books: Books) {
    this.store = store;
    this.limits = limits;
    this.books = books;
  }

  /** Drops until so many pages can be written under the cap and on the disk as it is. */
  makeRoom(pages: number, now: number, clock: boolean): void {
    this.makeRoomUnderCap(pages, now, clock);
    if (this.store.diskRoom(this.limits.logBytes) < pages * PAGE_BYTES) this.freeOnFullDisk(pages, now, clock);
  }

  /**
   * On a full disk the file cannot grow, only its free pages are of use: drops settled rows and backlog until there
   * are so many. A file too small to yield them stays as it is, and so do urgent rows: waiting may help, too.
   */
  freeOnFullDisk(pages: number, now: number, clock: boolean): void {
    if (this.store.pages().total < pages * WORTHWHILE) return;
    for (let { free } = this.store.pages(); free < pages; { free } = this.store.pages()) {
      if (!this.dropBulk(pages - free, now, clock)) return;
    }
  }

  /** Deletes at most so many ids that were settled by `at`. Tells whether there may be more. */
  prune(at: number, future: number, maxIds: number): boolean {
    const { settled, records } = this.books;
    let left = maxIds;
    for (let due = settled.due(at, future, records.newestId); due !== undefined; ) {
      if (left <= 0) return true;
      const last = Math.min(due.last, due.first + left - 1, records.newestId - 1);
      this.deleteSettled(due.first, last);
      left -= last - due.first + 1;
      due = settled.due(at, future, records.newestId);
    }
    return false;
  }

  isDue(at: number, future: number): boolean {
    return this.books.settled.due(at, future, this.books.records.newestId) !== undefined;
  }

  /** Gives pages back to the disk, some at a time: of a mostly empty file, or one from before the cap was lowered. */
  shrink(): boolean {
    const { total, free } = this.store.pages();
    const beyondCap = total > this.limits.maxPages && free > 0;
    if (!beyondCap && (free < MIN_SHRINK_PAGES || free < total * MOSTLY_FREE)) return false;
    this.store.shrink(SHRINK_PAGES);
    return true;
  }

  /** Settled rows give way first, then the backlog, urgent rows last. */
  private makeRoomUnderCap(pages: number, now: number, clock: boolean): void {
    const { maxPages } = this.limits;
    const room = () => {
      const { total, free } = this.store.pages();
      return maxPages - total + free;
    };
    if (room() >= pages) return;
    const target = Math.min(maxPages, pages + Math.ceil(maxPages * SPARE_SHARE));
    const gaveWay = (missing: number) => this.dropBulk(missing, now, clock) || this.dropUrgent(now, clock);
    for (let have = room(); have < target; have = room()) if (!gaveWay(target - have)) return;
  }

  /** Whether something other than urgent rows gave way, for want of so many pages. */
  private dropBulk(pages: number, now: number, clock: boolean): boolean {
    return this.dropSettled() || this.dropBacklog(pages * PAGE_BYTES, now, clock) || this.books.claims.forgetOldest();
  }

  private deleteSettled(first: number, last: number): void {
    this.books.records.deleteSettled(first, last);
    this.books.settled.delete(first, last);
  }

  private dropSettled(): boolean {
    const { settled, records } = this.books;
    const [range] = settled.ranges.all;
    if (range === undefined || range.first >= records.newestId) return false;
    this.deleteSettled(range.first, Math.min(range.last, range.first + STEP_ROWS - 1, records.newestId - 1));
    return true;
  }

  private dropBacklog(missing: number, now: number, clock: boolean): boolean {
    const { records, claims } = this.books;
    const next = claims.nextBacklog(STEP_ROWS);
    if (next === undefined || next.first >= records.newestId) return false;
    let selection: Selection = { first: next.first, last: Math.min(next.last, records.newestId - 1) };
    let measured = records.measure(selection);
    const tooMuch = measured.bytes / missing;
    if (tooMuch > 2) {
      const ids = Math.max(1, Math.floor((selection.last - selection.first + 1) / tooMuch));
      selection = { first: selection.first, last: selection.first + ids - 1 };
      measured = records.measure(selection);
    }
    records.dropBacklog(selection.first, selection.last);
    this.account(selection.first, measured, now, clock);
    return true;
  }

  /** The outbox's own loss records last of all, since they answer for rows that are gone. */
  private dropUrgent(now: number, clock: boolean): boolean {
    const { records, losses, boots, claims } = this.books;
    const others = records.oldestUrgentBut(losses.kind ?? NO_KIND, STEP_ROWS);
    const ids = others.length > 0 ? others : records.oldestUrgentBut(NO_KIND, STEP_ROWS);
    const [oldest] = ids;
    if (oldest === undefined || oldest >= records.newestId) return false;
    const { lastId } = boots.of(oldest, records.newestId);
    const gone = ids.filter((id) => id <= lastId && id < records.newestId).reverse();
    const selection = newestOf(gone, gone.length);
    const measured = records.measure(selection);
    claims.forgetUrgent(gone);
    losses.freeze(gone);
    records.dropUrgent(gone);
    this.account(selection.first, measured, now, clock);
    return true;
  }

  private account(first: number, { last, from, to, counts }: Measure, now: number, clock: boolean): void {
    const { boots, ledger, losses, records } = this.books;
    const { boot } = boots.of(first, records.newestId);
    const base = boot.firstId - 1;
    ledger.settle(counts, 'dropped');
    losses.addGrowing(
      { boot: boot.id, first: first - base, last: last - base, from, to, cause: 'outbox-full', counts },
      now,
      clock,
    );
  }
}

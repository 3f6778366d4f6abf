import type { LossCause, Moment } from '../../../common/core/index.ts';
import { PAGE_BYTES, type Store } from '../../../common/store/index.ts';
import { LEVEL } from '../journal/degradation.ts';
import type { OutboxState } from '../journal/outbox-state.ts';
import { type Measure, newestOf, type Selection } from '../journal/rows/records.ts';
import type { DiskRoom } from './disk-room.ts';
import type { FileLimits } from './file-limits.ts';

/** Rows that go at a time: enough to free whole pages, few enough not to drop more than was asked for. */
const STEP_ROWS = 128;
/** Stands for no kind; kinds count from 1. */
const NO_KIND = 0;
/** Share of the cap that is freed beyond what is wanted: a transaction that drops nothing is cheaper. */
const SPARE_SHARE = 1 / 64;
/** Dropping on a full disk is worth it where the file has this many times the pages wanted. */
const WORTHWHILE = 4;
/** Share of free pages above which they are given back to the disk; otherwise they are used again. */
const MOSTLY_FREE = 0.75;
const SHRINK_PAGES = 256;
const MIN_SHRINK_PAGES = 256;

/**
 * Deletes rows: confirmed ones when their time has come, those that are older than records are kept, and, where
 * nothing can be thinned any more, the oldest, so that the file stays under its cap. Changes belong into a transaction.
 */
export class Eviction {
  readonly #store: Store;
  readonly #limits: FileLimits;
  readonly #state: OutboxState;
  readonly #diskRoom: DiskRoom;

  constructor(store: Store, limits: FileLimits, state: OutboxState, diskRoom: DiskRoom) {
    this.#store = store;
    this.#limits = limits;
    this.#state = state;
    this.#diskRoom = diskRoom;
  }

  /** Drops until so many pages can be written under the cap and on the disk as it is. */
  makeRoom(pages: number, moment: Moment): void {
    this.#makeRoomUnderCap(pages, moment);
    const growth = Math.max(0, Math.floor(this.#diskRoom.onDisk() / PAGE_BYTES));
    if (growth < pages) this.freeOnFullDisk(pages - growth, moment);
  }

  /**
   * On a full disk the file cannot grow, only its free pages are of use: drops settled rows and backlog until there
   * are so many. A file too small to yield them stays as it is, and so do urgent rows: waiting may help, too.
   */
  freeOnFullDisk(pages: number, moment: Moment): void {
    if (this.#store.pages().total < pages * WORTHWHILE) return;
    for (let { free } = this.#store.pages(); free < pages; { free } = this.#store.pages()) {
      if (!this.#dropBulk(pages - free, moment)) return;
    }
  }

  /** Deletes at most so many ids that were settled by `at`. Returns whether there may be more. */
  prune(at: number, future: number, maxIds: number): boolean {
    const { settled, records } = this.#state;
    let left = maxIds;
    for (let due = settled.due(at, future, records.newestId); due !== undefined; ) {
      if (left <= 0) return true;
      const last = Math.min(due.last, due.first + left - 1, records.newestId - 1);
      this.#deleteSettled(due.first, last);
      left -= last - due.first + 1;
      due = settled.due(at, future, records.newestId);
    }
    return false;
  }

  isDue(at: number, future: number): boolean {
    return this.#state.settled.due(at, future, this.#state.records.newestId) !== undefined;
  }

  /** Drops at most so many ids up to `due`, which are older than `retain`. Returns whether there may be more. */
  retire(due: number, maxIds: number, moment: Moment): boolean {
    const { claims, records, losses } = this.#state;
    const end = Math.min(due, records.newestId - 1);
    const urgent = records.urgent.oldestBut(losses.kind ?? NO_KIND, STEP_ROWS).filter((id) => id <= end);
    if (urgent.length > 0) this.#dropUrgentRows(urgent, 'retain', moment);
    const next = claims.nextBacklog(maxIds);
    if (next === undefined || next.first > end) return urgent.length === STEP_ROWS;
    this.#dropRange({ first: next.first, last: Math.min(next.last, end) }, 'retain', moment);
    return true;
  }

  /** Whether there are confirmed rows. */
  get hasSettled(): boolean {
    const { settled, records } = this.#state;
    return (settled.ranges.all[0]?.first ?? records.newestId) < records.newestId;
  }

  /** Gives some pages of a mostly empty file, or of one larger than a lowered cap, back to the disk. */
  shrink(): boolean {
    const { total, free } = this.#store.pages();
    const beyondCap = total > this.#limits.maxPages && free > 0;
    if (!beyondCap && (free < MIN_SHRINK_PAGES || free < total * MOSTLY_FREE)) return false;
    this.#store.shrink(SHRINK_PAGES);
    return true;
  }

  /** Makes room under the cap. Settled rows go first, then the backlog, urgent rows last. */
  #makeRoomUnderCap(pages: number, moment: Moment): void {
    const { maxPages } = this.#limits;
    const room = () => {
      const { total, free } = this.#store.pages();
      return maxPages - total + free;
    };
    if (room() >= pages) return;
    const target = Math.min(maxPages, pages + Math.ceil(maxPages * SPARE_SHARE));
    const gaveWay = (missing: number) => this.#dropBulk(missing, moment) || this.#dropUrgent(moment);
    for (let have = room(); have < target; have = room()) if (!gaveWay(target - have)) return;
  }

  /** Drops something other than urgent rows, for want of so many pages. False where there is nothing. */
  #dropBulk(pages: number, moment: Moment): boolean {
    return this.dropSettled() || this.#dropBacklog(pages * PAGE_BYTES, moment) || this.#state.claims.forgetOldest();
  }

  #deleteSettled(first: number, last: number): void {
    const { toldRecords, records, settled } = this.#state;
    toldRecords.forget(first, last);
    records.deleteSettled(first, last);
    settled.delete(first, last);
  }

  /** Deletes some confirmed rows. False where there are none. */
  dropSettled(): boolean {
    const { settled, records } = this.#state;
    const [range] = settled.ranges.all;
    if (range === undefined || range.first >= records.newestId) return false;
    this.#deleteSettled(range.first, Math.min(range.last, range.first + STEP_ROWS - 1, records.newestId - 1));
    return true;
  }

  #dropBacklog(missing: number, moment: Moment): boolean {
    const { records, claims } = this.#state;
    const next = claims.nextBacklog(STEP_ROWS);
    if (next === undefined || next.first >= records.newestId) return false;
    let selection: Selection = { first: next.first, last: Math.min(next.last, records.newestId - 1) };
    const tooMuch = records.measure(selection).bytes / missing;
    if (tooMuch > 2) {
      const ids = Math.max(1, Math.floor((selection.last - selection.first + 1) / tooMuch));
      selection = { first: selection.first, last: selection.first + ids - 1 };
    }
    this.#dropRange(selection, 'outbox-full', moment);
    return true;
  }

  #dropRange(selection: Selection, cause: LossCause, moment: Moment): void {
    const { folds, records } = this.#state;
    const measured = records.measure(selection);
    folds.freeze(selection.first, selection.last);
    records.dropBacklog(selection.first, selection.last);
    this.#account(selection.first, measured, cause, moment);
  }

  /** Drops urgent rows, the outbox's own loss records last of all, since they answer for rows that are gone. */
  #dropUrgent(moment: Moment): boolean {
    const { records, losses } = this.#state;
    const others = records.urgent.oldestBut(losses.kind ?? NO_KIND, STEP_ROWS);
    const ids = others.length > 0 ? others : records.urgent.oldestBut(NO_KIND, STEP_ROWS);
    if ((ids[0] ?? records.newestId) >= records.newestId) return false;
    this.#dropUrgentRows(ids, 'outbox-full', moment);
    return true;
  }

  /** Drops those urgent rows that are of the first one's boot. */
  #dropUrgentRows(ids: readonly number[], cause: LossCause, moment: Moment): void {
    const { records, losses, boots, claims } = this.#state;
    const { lastId } = boots.of(ids[0] ?? 0, records.newestId);
    const gone = ids.filter((id) => id <= lastId && id < records.newestId).reverse();
    const selection = newestOf(gone, gone.length);
    const measured = records.measure(selection);
    claims.forgetUrgent(gone);
    losses.freeze(gone);
    records.dropUrgent(gone);
    this.#account(selection.first, measured, cause, moment);
  }

  #account(first: number, measured: Measure, cause: LossCause, moment: Moment): void {
    const { boots, degradation, ledger, losses, records } = this.#state;
    const { last, from, to, counts } = measured;
    const { boot } = boots.of(first, records.newestId);
    const base = boot.firstId - 1;
    ledger.settle(counts, 'dropped');
    losses.addGrowing({ boot: boot.id, first: first - base, last: last - base, from, to, cause, counts }, moment);
    if (cause === 'outbox-full')
      degradation.current = { ...degradation.current, level: LEVEL.dropping, touched: records.newestId };
  }
}

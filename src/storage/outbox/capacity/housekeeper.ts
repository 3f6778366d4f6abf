import type { Store } from '../../../common/store/index.ts';
import { LEVEL } from '../journal/degradation.ts';
import type { OutboxOptions, OutboxStats } from '../journal/options.ts';
import type { Books } from '../journal/outbox-state.ts';
import type { Writer } from '../journal/writer.ts';
import { Ballast, ballastBytes } from './ballast.ts';
import { Room } from './disk-room.ts';
import { Space } from './eviction.ts';
import type { Limits } from './file-limits.ts';
import { capacityOf, nextToGo } from './forecast.ts';
import { Relief } from './load-shedding.ts';
import type { Ranks } from './ranks.ts';
import type { RateMeter } from './rate-meter.ts';
import { Thinning } from './thinning.ts';
import { Transactions } from './transactions.ts';

/** Deleted at a commit: enough to keep up with twice what comes in. */
const PRUNE_PER_RECORD = 2;
const MIN_PRUNE = 256;
const IDLE_PRUNE = 2000;
const NO_FLOOR = 0;

interface Parts {
  readonly store: Store;
  readonly options: OutboxOptions;
  readonly limits: Limits;
  readonly books: Books;
  readonly writer: Writer;
  readonly ranks: Ranks;
}

/** Keeps the outbox within its room and its times: before each commit, in it, and when there is nothing else to do. */
export class Keeper {
  readonly transactions: Transactions;
  private readonly parts: Parts;
  private readonly ballast: Ballast;
  private readonly room: Room;
  private readonly space: Space;
  private readonly relief: Relief;

  constructor(parts: Parts) {
    const { store, options, limits, books, ranks } = parts;
    this.parts = parts;
    this.ballast = new Ballast(options.path);
    this.room = new Room(store, limits, options.freeFloor ?? NO_FLOOR);
    this.space = new Space(store, limits, books, this.room);
    this.transactions = new Transactions(store, books, this.space, this.ballast);
    const thinning = new Thinning(books, ranks, limits.pieceBytes);
    const { room, space, transactions } = this;
    this.relief = new Relief({ books, room, space, thinning, transactions });
  }

  /** Before a commit: makes records give way where there is no room. Confirmed ones are first, so they are written down. */
  relieve(pages: number, now: number, clock: boolean): void {
    if (!this.relief.isNeeded(pages)) return;
    this.writeAnswers(now, clock);
    this.relief.make(pages, now, clock);
  }

  /** In a transaction: the room for so many pages, and if that takes dropping. */
  makeRoom(pages: number, now: number, clock: boolean): void {
    this.space.makeRoom(pages, now, clock);
  }

  /** In a transaction of so many new records: deletes some that were confirmed long enough ago. */
  prune(now: number, added: number): void {
    this.space.prune(...this.keepUntil(now), Math.max(MIN_PRUNE, added * PRUNE_PER_RECORD));
  }

  /** Idle work, a bounded piece of it; `forget` runs when rows were deleted. Tells whether there may be more. */
  tidy(now: number, clock: boolean, forget: () => void): boolean {
    const { store, options, books } = this.parts;
    const { records, retention } = books;
    this.transactions.read(() => retention.look(now, records.newestId));
    this.relief.ease();
    let more = false;
    if (retention.due() !== undefined) this.writeAnswers(now, clock);
    if (retention.due() !== undefined || this.space.isDue(...this.keepUntil(now))) {
      this.transactions.write(0, now, clock, () => {
        const pruned = this.space.prune(...this.keepUntil(now), IDLE_PRUNE);
        more = this.retire(now, clock) || pruned;
        forget();
      });
    }
    this.ballast.restore(ballastBytes(options.max, store.diskBytes()), this.room.onDisk());
    return this.space.shrink() || more;
  }

  figures(rate: RateMeter, now: number): Pick<OutboxStats, 'hoursLeft' | 'limit' | 'level' | 'next'> {
    const { books } = this.parts;
    return {
      ...capacityOf(books, this.room, rate, now),
      level: books.ladder.state.level,
      next: nextToGo(books, this.space),
    };
  }

  /** What is confirmed, or known to be damaged, gives way as that and as nothing else. */
  private writeAnswers(now: number, clock: boolean): void {
    const { claims } = this.parts.books;
    if (!claims.answered) return;
    this.transactions.write(0, now, clock, () => this.parts.writer.settle(now, clock));
    claims.saved();
  }

  /** What is older than records are kept gives way. Tells whether there may be more. */
  private retire(now: number, clock: boolean): boolean {
    const { records, retention } = this.parts.books;
    const due = retention.due();
    if (due === undefined) return false;
    const more = this.space.retire(due, IDLE_PRUNE, now, clock);
    // The newest row stays.
    if (!more) retention.forget(Math.min(due, records.newestId - 1));
    return more;
  }

  /**
   * Rows settled up to the first time are due; so are those settled after the second, by a clock put back since. While
   * records give way, no confirmed ones are kept.
   */
  private keepUntil(now: number): [at: number, future: number] {
    const { books, options } = this.parts;
    if (books.ladder.state.level !== LEVEL.none) return [Number.POSITIVE_INFINITY, now];
    return [now - options.keepAcked, now + options.keepAcked + 1];
  }
}

import type { Moment } from '../../../common/core/index.ts';
import type { Store } from '../../../common/store/index.ts';
import { LEVEL } from '../journal/degradation.ts';
import type { OutboxOptions, OutboxStats } from '../journal/options.ts';
import type { OutboxState } from '../journal/outbox-state.ts';
import type { Writer } from '../journal/writer.ts';
import { Ballast, ballastBytes } from './ballast.ts';
import { DiskRoom } from './disk-room.ts';
import { Eviction } from './eviction.ts';
import type { FileLimits } from './file-limits.ts';
import { forecast, nextToGo } from './forecast.ts';
import { LoadShedding } from './load-shedding.ts';
import type { Ranks } from './ranks.ts';
import type { RateMeter } from './rate-meter.ts';
import { Thinning } from './thinning.ts';
import { Transactions } from './transactions.ts';

/** Confirmed rows that a commit deletes for each new one, enough to keep up with twice what comes in. */
const PRUNE_PER_RECORD = 2;
const MIN_PRUNE = 256;
const IDLE_PRUNE = 2000;
const NO_FLOOR = 0;

interface Parts {
  readonly store: Store;
  readonly options: OutboxOptions;
  readonly limits: FileLimits;
  readonly state: OutboxState;
  readonly writer: Writer;
  readonly ranks: Ranks;
}

/** Keeps the outbox within its room and its times: before each commit, in it, and when there is nothing else to do. */
export class Housekeeper {
  readonly transactions: Transactions;
  readonly #parts: Parts;
  readonly #ballast: Ballast;
  readonly #diskRoom: DiskRoom;
  readonly #eviction: Eviction;
  readonly #loadShedding: LoadShedding;

  constructor(parts: Parts) {
    const { store, options, limits, state, ranks } = parts;
    this.#parts = parts;
    this.#ballast = new Ballast(options.path);
    this.#diskRoom = new DiskRoom(store, limits, options.freeFloor ?? NO_FLOOR);
    this.#eviction = new Eviction(store, limits, state, this.#diskRoom);
    this.transactions = new Transactions(store, state, this.#eviction, this.#ballast);
    const thinning = new Thinning(state, ranks, limits.pieceBytes);
    const { transactions } = this;
    const [diskRoom, eviction] = [this.#diskRoom, this.#eviction];
    this.#loadShedding = new LoadShedding({ state, diskRoom, eviction, thinning, transactions });
  }

  /**
   * Makes records give way where there is no room, before a commit. Confirmed ones go first, so they are settled
   * before.
   */
  shedLoad(pages: number, moment: Moment): void {
    if (!this.#loadShedding.isNeeded(pages)) return;
    this.#writeAnswers(moment);
    this.#loadShedding.shed(pages, moment);
  }

  /** Makes room for so many pages within a transaction, by dropping records if need be. */
  makeRoom(pages: number, moment: Moment): void {
    this.#eviction.makeRoom(pages, moment);
  }

  /** Deletes some records that were confirmed long enough ago, in a transaction of so many new ones. */
  prune(now: number, added: number): void {
    this.#eviction.prune(...this.#keepUntil(now), Math.max(MIN_PRUNE, added * PRUNE_PER_RECORD));
  }

  /** Does a bounded piece of idle work; `forget` runs when rows were deleted. Returns whether there may be more. */
  tidy(moment: Moment, forget: () => void): boolean {
    const { store, options, state } = this.#parts;
    const { records, retention } = state;
    this.transactions.read(() => retention.look(moment.at, records.newestId));
    this.#loadShedding.lowerLevel();
    let more = false;
    if (retention.due() !== undefined) this.#writeAnswers(moment);
    if (retention.due() !== undefined || this.#eviction.isDue(...this.#keepUntil(moment.at))) {
      this.transactions.write(0, moment, () => {
        const pruned = this.#eviction.prune(...this.#keepUntil(moment.at), IDLE_PRUNE);
        more = this.#retire(moment) || pruned;
        forget();
      });
    }
    this.#ballast.restore(ballastBytes(options.max, store.diskBytes()), this.#diskRoom.onDisk());
    return this.#eviction.shrink() || more;
  }

  figures(rate: RateMeter, now: number): Pick<OutboxStats, 'hoursLeft' | 'limit' | 'level' | 'next'> {
    const { state } = this.#parts;
    return {
      ...forecast(state, this.#diskRoom, rate, now),
      level: state.degradation.current.level,
      next: nextToGo(state, this.#eviction),
    };
  }

  /** Settles what is confirmed or known to be damaged, so that it gives way as that and as nothing else. */
  #writeAnswers(moment: Moment): void {
    const { claims } = this.#parts.state;
    if (!claims.answered) return;
    this.transactions.write(0, moment, () => this.#parts.writer.settle(moment));
    claims.saved();
  }

  /** Drops what is older than `retain`. Returns whether there may be more. */
  #retire(moment: Moment): boolean {
    const { records, retention } = this.#parts.state;
    const due = retention.due();
    if (due === undefined) return false;
    const more = this.#eviction.retire(due, IDLE_PRUNE, moment);
    // The newest row stays.
    if (!more) retention.forget(Math.min(due, records.newestId - 1));
    return more;
  }

  /**
   * Rows settled up to the first time are due; so are those settled after the second, by a clock put back since. While
   * records give way, no confirmed ones are kept.
   */
  #keepUntil(now: number): [at: number, future: number] {
    const { state, options } = this.#parts;
    if (state.degradation.current.level !== LEVEL.none) return [Number.POSITIVE_INFINITY, now];
    return [now - options.keepAcked, now + options.keepAcked + 1];
  }
}

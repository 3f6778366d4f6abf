import type { Moment } from '../../../common/core/index.ts';
import { isFull, type Store } from '../../../common/store/index.ts';
import { loadState, type OutboxState } from '../journal/outbox-state.ts';
import type { Ballast } from './ballast.ts';
import type { Eviction } from './eviction.ts';

/** Pages that a transaction may need beside those of its records. */
export const SPARE_PAGES = 16;
/** Tries of one transaction on a full disk, each with more of the oldest rows deleted. */
const FULL_TRIES = 3;

/** Runs transactions so that memory and file stay in step, whatever happens. */
export class Transactions {
  readonly #store: Store;
  readonly #state: OutboxState;
  readonly #eviction: Eviction;
  readonly #ballast: Ballast;
  /** Whether memory may be wrong about the file: it was not read yet, or a transaction failed. */
  #stale = true;

  constructor(store: Store, state: OutboxState, eviction: Eviction, ballast: Ballast) {
    this.#store = store;
    this.#state = state;
    this.#eviction = eviction;
    this.#ballast = ballast;
  }

  /** Runs `work` on a state that is right, and saves the ledger with it. On a full disk older rows give way. */
  write(pages: number, moment: Moment, work: () => void): void {
    for (let tries = 1; ; tries += 1) {
      try {
        this.#once(work);
        return;
      } catch (error) {
        if (!isFull(error) || tries >= FULL_TRIES) throw error;
        const helped = this.#ballast.giveUp();
        this.#writeBack();
        if (helped) continue;
        this.#once(() => this.#eviction.freeOnFullDisk(tries * (pages + SPARE_PAGES), moment));
      }
    }
  }

  /** Runs `work` as `write` does, but drops nothing for it: on a full disk it is better to wait. */
  writeOrWait(work: () => void): void {
    try {
      this.#once(work);
    } catch (error) {
      if (!isFull(error) || !this.#ballast.giveUp()) throw error;
      this.#writeBack();
      this.#once(work);
    }
  }

  /** Has memory read anew before anything else. */
  invalidate(): void {
    this.#stale = true;
  }

  /** Runs work that only reads, on a state that is right. */
  read<T>(work: () => T): T {
    return this.#store.guard(() => {
      this.#refresh();
      return work();
    });
  }

  /** Writes the log back, which may make room in it; on a full disk the file may have none. */
  #writeBack(): void {
    try {
      this.#store.checkpoint('passive');
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  /** Goes to the file, where there was no room for it before. On a full disk the ballast gives way. */
  toDisk(): void {
    try {
      this.#settleOnDisk();
    } catch (error) {
      if (!isFull(error) || !this.#ballast.giveUp()) throw error;
      this.#settleOnDisk();
    }
  }

  #settleOnDisk(): void {
    if (this.#store.toDisk()) this.#stale = true;
  }

  #once(work: () => void): void {
    this.#settleOnDisk();
    this.read(() => {});
    try {
      this.#store.transaction(() => {
        work();
        this.#state.ledger.save();
        this.#state.degradation.save();
        this.#state.retention.save();
      });
    } catch (error) {
      this.#stale = true;
      throw error;
    }
  }

  #refresh(): void {
    if (!this.#stale) return;
    loadState(this.#state);
    this.#stale = false;
  }
}

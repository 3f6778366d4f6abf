import type { Moment } from '../../../common/core/index.ts';
import { isFull, type Store } from '../../../common/store/index.ts';
import { loadState, type OutboxState } from '../journal/outbox-state.ts';
import type { Ballast } from './ballast.ts';
import type { Eviction } from './eviction.ts';

/** Pages that a transaction may need beside those of its records. */
export const SPARE_PAGES = 16;
/** Tries of one transaction on a full disk, each with older rows gone. */
const FULL_TRIES = 3;

/** Transactions that leave memory and file in step, whatever happens. */
export class Transactions {
  readonly #store: Store;
  readonly #state: OutboxState;
  readonly #eviction: Eviction;
  readonly #ballast: Ballast;
  /** What memory says about the file may be wrong: it was not read yet, or a transaction failed. */
  #stale = true;

  constructor(store: Store, state: OutboxState, eviction: Eviction, ballast: Ballast) {
    this.#store = store;
    this.#state = state;
    this.#eviction = eviction;
    this.#ballast = ballast;
  }

  /** Runs `work` on books that are right, and saves the ledger with it; on a full disk older rows give way. */
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

  /** As `write`, but nothing gives way for it: on a full disk it is better to wait than to drop. */
  writeOrWait(work: () => void): void {
    try {
      this.#once(work);
    } catch (error) {
      if (!isFull(error) || !this.#ballast.giveUp()) throw error;
      this.#writeBack();
      this.#once(work);
    }
  }

  /** Memory may be wrong: it is read anew before anything else. */
  invalidate(): void {
    this.#stale = true;
  }

  /** Reads something; nothing is changed. */
  read<T>(work: () => T): T {
    return this.#store.guard(() => {
      this.#refresh();
      return work();
    });
  }

  /** May make room in the log; on a full disk the file may have none for it. */
  #writeBack(): void {
    try {
      this.#store.checkpoint('passive');
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  #once(work: () => void): void {
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

import type { WireRecord } from '../../common/core/index.ts';
import {
  type Book,
  Bookkeeper,
  type RecordBatch,
  type StatusMessage,
  type UnknownRecord,
} from '../../common/protocol/index.ts';

/** A record as it came. */
export interface Delivery {
  readonly boot: string;
  readonly record: WireRecord | UnknownRecord;
  /** Whether it had come before. */
  readonly duplicate: boolean;
}

/** A watcher's account of one boot of a device. */
export interface WatchedBook extends Book {
  /** Seqs up to this one were given before the watching began; those that did not come are no fault. */
  readonly since: number;
}

/** Boots of a device that are remembered; the one that was silent longest gives way. */
const MAX_BOOTS = 100;

/**
 * Accounts for the records of a device on behalf of somebody who may come late: counts nothing as missing that was over
 * when the watching began. Pure.
 */
export class RecordAccount {
  readonly #keeper = new Bookkeeper(MAX_BOOTS);
  readonly #since = new Map<string, number>();
  /** Boots known only by a status from before the watching; what they gave since then may have gone to others. */
  readonly #late = new Set<string>();

  /** Enters a batch; returns every record of it, in its order, those of unknown types last. */
  batch(batch: RecordBatch): Delivery[] {
    const { boot, records, unknown } = batch;
    if (this.#late.delete(boot) || !this.#since.has(boot)) this.#begin(boot, batch.first - 1);
    const fresh = new Set(this.#keeper.batch(batch));
    return [
      ...records.map((record) => ({ boot, record, duplicate: !fresh.has(record) })),
      ...unknown.map((record) => ({ boot, record, duplicate: false })),
    ];
  }

  /** Enters a status; `retained` says that it was there before the watching began. */
  status(status: StatusMessage, retained: boolean): void {
    // All records of a boot that begins now are pending; fewer are only where some went before.
    if (!this.#since.has(status.boot)) {
      this.#begin(status.boot, retained ? status.seq : Math.max(0, status.seq - status.queue.pending));
      if (retained) this.#late.add(status.boot);
    }
    this.#keeper.status(status);
  }

  /** The books by boot, the latest heard of last. */
  books(): WatchedBook[] {
    return this.#keeper.books().map((book) => {
      const since = this.#since.get(book.boot) ?? 0;
      const missing = book.missing
        .filter(([, to]) => to > since)
        .map(([from, to]) => [Math.max(from, since + 1), to] as const);
      return { ...book, missing, since };
    });
  }

  #begin(boot: string, since: number): void {
    this.#since.set(boot, Math.max(since, this.#since.get(boot) ?? 0));
    const [oldest] = this.#since.keys();
    if (this.#since.size <= MAX_BOOTS || oldest === undefined) return;
    this.#since.delete(oldest);
    this.#late.delete(oldest);
  }
}

/** The sums over several books. */
export interface Totals {
  readonly received: number;
  readonly duplicates: number;
  readonly lost: number;
  readonly missing: number;
}

/** Adds books up. */
export function totalsOf(books: readonly Book[]): Totals {
  const totals = { received: 0, duplicates: 0, lost: 0, missing: 0 };
  for (const book of books) {
    totals.received += book.received;
    totals.duplicates += book.duplicates;
    totals.lost += book.lost;
    for (const [from, to] of book.missing) totals.missing += to - from + 1;
  }
  return totals;
}

import type { WireRecord } from '../../common/core/index.ts';
import {
  type Book,
  Bookkeeper,
  type RecordBatch,
  type StatusMessage,
  type UnknownRecord,
} from '../../common/protocol/index.ts';

/** One record as it came. */
export interface Delivery {
  readonly boot: string;
  readonly record: WireRecord | UnknownRecord;
  /** It had come before. */
  readonly duplicate: boolean;
}

/** What a watcher knows of one start of a device. */
export interface WatchedBook extends Book {
  /** Seqs up to this one were given before the watching began; those that did not come are no fault. */
  readonly since: number;
}

/** Starts of a device that are remembered; the one that was silent longest gives way. */
const MAX_BOOTS = 100;

/** Keeps the books of somebody who may come late: counts nothing as missing that was over when the watching began. Pure. */
export class RecordAccount {
  readonly #keeper = new Bookkeeper(MAX_BOOTS);
  readonly #since = new Map<string, number>();
  /** Boots known only by a status from before the watching; what they gave since then may have gone to others. */
  readonly #late = new Set<string>();

  /** Every record of the batch, in its order; those of unknown types last. */
  batch(batch: RecordBatch): Delivery[] {
    const { boot, records, unknown } = batch;
    if (this.#late.delete(boot) || !this.#since.has(boot)) this.#begin(boot, batch.first - 1);
    const fresh = new Set(this.#keeper.batch(batch));
    return [
      ...records.map((record) => ({ boot, record, duplicate: !fresh.has(record) })),
      ...unknown.map((record) => ({ boot, record, duplicate: false })),
    ];
  }

  /** `retained`: it was there before the watching began. */
  status(status: StatusMessage, retained: boolean): void {
    // Of a boot that begins now all records are pending; less is pending only where some went before.
    if (!this.#since.has(status.boot)) {
      this.#begin(status.boot, retained ? status.seq : Math.max(0, status.seq - status.queue.pending));
      if (retained) this.#late.add(status.boot);
    }
    this.#keeper.status(status);
  }

  /** By boot, the latest heard of last. */
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

export interface Totals {
  readonly received: number;
  readonly duplicates: number;
  readonly lost: number;
  readonly missing: number;
}

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

import type { LossRecord, WireRecord } from '../core/index.ts';
import type { RecordBatch } from './batch.ts';
import { type Range, RangeSet } from './ranges.ts';
import type { StatusMessage } from './status-message.ts';

/** A consumer's account of one boot of one device: up to `highest`, seqs are received, lost or missing. */
export interface Book {
  readonly site: string;
  readonly device: string;
  readonly boot: string;
  /** Different records that came. */
  readonly received: number;
  /** Records that came again. */
  readonly duplicates: number;
  /** Seqs that only a loss record accounts for. */
  readonly lost: number;
  /** Highest seq heard of, from records, loss records and status messages. */
  readonly highest: number;
  /** Seqs up to `highest` that neither came nor are lost: still pending on the device, or a hole if nothing is. */
  readonly missing: readonly Range[];
}

interface Pages {
  readonly site: string;
  readonly device: string;
  readonly boot: string;
  readonly received: RangeSet;
  readonly lost: RangeSet;
  duplicates: number;
  highest: number;
}

/** Boots of which books are kept; the one that was silent longest gives way. */
const MAX_BOOTS = 10_000;

/**
 * Keeps the books of a consumer, whose side of the promise is: each seq of a boot is received, inside the range of a
 * loss record, or pending; received wins. Takes records in any order and any number of times. Nothing here does I/O.
 */
export class Bookkeeper {
  readonly #boots = new Map<string, Pages>();
  readonly #maxBoots: number;

  constructor(maxBoots: number = MAX_BOOTS) {
    this.#maxBoots = maxBoots;
  }

  /** Enters a batch and returns its records that were not there before, but for those of unknown types. */
  batch(batch: RecordBatch): WireRecord[] {
    const pages = this.#open(batch, batch.boot);
    const fresh = batch.records.filter(({ seq }) => this.#enter(pages, seq));
    for (const { seq } of batch.unknown) this.#enter(pages, seq);
    for (const record of fresh) if (record.type === 'loss') this.#loss(batch, record);
    return fresh;
  }

  /**
   * Enters how far a boot has come. Throws nothing; a will carries the seq at its connect, so the highest seq only
   * grows.
   */
  status(status: StatusMessage): void {
    const pages = this.#open(status, status.boot);
    pages.highest = Math.max(pages.highest, status.seq);
  }

  /** The books of every boot, the one that was heard of last at the end. Adds up on each call. */
  books(): Book[] {
    return Array.from(this.#boots.values(), (pages) => {
      const { site, device, boot, received, lost, duplicates, highest } = pages;
      const accounted = new RangeSet();
      for (const set of [received, lost]) for (const [from, to] of set.ranges) accounted.add(from, to);
      const missing = accounted.missing(1, highest);
      const size = received.size;
      return { site, device, boot, received: size, duplicates, lost: accounted.size - size, highest, missing };
    });
  }

  #open({ site, device }: { site: string; device: string }, boot: string): Pages {
    const key = `${site}/${device}/${boot}`;
    const pages = this.#boots.get(key) ?? {
      site,
      device,
      boot,
      received: new RangeSet(),
      lost: new RangeSet(),
      duplicates: 0,
      highest: 0,
    };
    // Last in the map is latest heard of.
    this.#boots.delete(key);
    this.#boots.set(key, pages);
    if (this.#boots.size > this.#maxBoots) {
      const [oldest] = this.#boots.keys();
      if (oldest !== undefined) this.#boots.delete(oldest);
    }
    return pages;
  }

  /** Returns false for a seq that was there before. */
  #enter(pages: Pages, seq: number): boolean {
    if (pages.received.has(seq)) {
      pages.duplicates += 1;
      return false;
    }
    pages.received.add(seq);
    pages.highest = Math.max(pages.highest, seq);
    return true;
  }

  /** A loss record may tell of an earlier boot. */
  #loss(batch: RecordBatch, { boot, first, last }: LossRecord): void {
    const pages = this.#open(batch, boot);
    pages.lost.add(first, last);
    pages.highest = Math.max(pages.highest, last);
  }
}

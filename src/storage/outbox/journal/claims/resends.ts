import type { Boots } from '../rows/boots.ts';
import { IdRanges } from '../rows/id-ranges.ts';
import { newestOf, type Records, type Selection } from '../rows/records.ts';
import type { Settled } from '../rows/settled.ts';

/** Seqs of one boot, both ends inclusive, that a consumer wants again. */
export interface ResendRequest {
  readonly boot: string;
  readonly from: number;
  readonly to: number;
}

/** What becomes of the seqs that a consumer wants again: their numbers. */
export interface ResendAnswer {
  /** Records that are sent again. */
  readonly sending: number;
  /** Records that have not been confirmed yet: they come in any case. */
  readonly waiting: number;
  /** Seqs whose records are no longer kept. */
  readonly gone: number;
}

const WANTED = 1;

/**
 * Settled records that a consumer wants again, while they are kept. They are in memory only: who still misses some asks
 * again.
 */
export class Resends {
  readonly #records: Records;
  readonly #boots: Boots;
  readonly #settled: Settled;
  readonly #wanted = new IdRanges();

  constructor(records: Records, boots: Boots, settled: Settled) {
    this.#records = records;
    this.#boots = boots;
    this.#settled = settled;
  }

  request({ boot, from, to }: ResendRequest): ResendAnswer {
    const span = this.#boots.span(boot, this.#records.newestId);
    if (span === undefined) return { sending: 0, waiting: 0, gone: to - from + 1 };
    const first = span.firstId + from - 1;
    const last = Math.min(span.lastId, span.firstId + to - 1);
    if (first > last) return { sending: 0, waiting: 0, gone: 0 };
    const { ranges } = this.#settled;
    let waiting = this.#records.urgent.within(first, last).length;
    for (let gap = ranges.gap(first, last); gap !== undefined; gap = ranges.gap(gap.last + 1, last)) {
      waiting += this.#records.countBacklog(gap.first, gap.last);
    }
    for (const range of ranges.all) {
      if (range.last < first || range.first > last) continue;
      this.#wanted.set(Math.max(first, range.first), Math.min(last, range.last), WANTED);
    }
    const kept = this.#records.count(first, last);
    return { sending: kept - waiting, waiting, gone: last - first + 1 - kept };
  }

  /** The oldest wanted rows that are still kept, of one boot. */
  next(maxRecords: number): Selection | undefined {
    for (let [range] = this.#wanted.all; range !== undefined; [range] = this.#wanted.all) {
      const { lastId } = this.#boots.of(range.first, this.#records.newestId);
      const last = Math.min(range.last, lastId);
      const ids = this.#records.idsWithin(range.first, last, maxRecords);
      if (ids.length > 0) return newestOf(ids.reverse(), ids.length);
      this.#wanted.delete(range.first, last);
    }
    return undefined;
  }

  taken({ ids = [] }: Selection): void {
    for (const id of ids) this.#wanted.delete(id, id);
  }

  back({ ids = [] }: Selection): void {
    for (const id of ids) this.#wanted.set(id, id, WANTED);
  }
}

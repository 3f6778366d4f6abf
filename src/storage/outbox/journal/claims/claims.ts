import type { Lane } from '../../../../common/core/index.ts';
import type { Folds } from '../losses/folds.ts';
import type { Losses } from '../losses/losses.ts';
import type { Boot, Boots } from '../rows/boots.ts';
import { gapOfBoth, type IdRange, IdRanges, type Span } from '../rows/id-ranges.ts';
import type { KindCounts } from '../rows/ledger.ts';
import { type DamagedRow, newestOf, type Records, type Selection } from '../rows/records.ts';
import type { Settled } from '../rows/settled.ts';
import type { Resends } from './resends.ts';

/** A batch that the uplink has; its records are not claimed again while it is here. */
export interface Batch {
  readonly id: number;
  readonly lane: Lane;
  readonly boot: Boot;
  readonly selection: Selection;
  readonly records: number;
  /** Event time of its oldest record. */
  readonly from: number;
  readonly to: number;
  readonly counts: KindCounts;
}

/** A record that does not fit its checksum, with its boot. */
export interface Damaged extends DamagedRow {
  readonly boot: Boot;
}

/** Records that a lane offers next, of one boot. */
export interface Offer {
  readonly lane: Lane;
  readonly boot: Boot;
  readonly selection: Selection;
}

/** A batch that was refused as too large: its records are offered in smaller ones. */
interface Split {
  readonly first: number;
  readonly last: number;
  readonly records: number;
}

/** Stands for the batch of damaged records, which nobody gets. Batches count from 1. */
const NO_BATCH = 0;
/** Batches that an uplink has in flight or awaits receipts for; more means that it never answers. */
const MAX_BATCHES = 4_096;

/**
 * Knows which waiting records are taken by which batch. It is in memory only: after a restart all that is not settled
 * is offered again.
 */
export class Claims {
  /** Batches that are confirmed or rejected, but not yet in the file. */
  readonly confirmed: Batch[] = [];
  readonly rejected: Batch[] = [];
  /** Records that are found damaged, but not yet written down as unreadable; they are offered to nobody. */
  readonly damaged: Damaged[] = [];
  readonly #records: Records;
  readonly #boots: Boots;
  readonly #settled: Settled;
  readonly #losses: Losses;
  readonly #resends: Resends;
  /** Batches of which receipts have settled a part. */
  readonly #touched = new Set<number>();
  readonly #folds: Folds;
  readonly #batches = new Map<number, Batch>();
  readonly #takenRanges = new IdRanges();
  readonly #takenIds = new Set<number>();
  readonly #splits = new Map<Lane, Split>();
  /** The first row that is live. */
  #liveFrom = Number.POSITIVE_INFINITY;
  /** Lowest id of each lane that may be free: every row below is settled, taken or gone. */
  readonly #cursors = { backlog: 0, live: 0 };
  #nextBatch = 1;
  #rewound = false;

  constructor(records: Records, boots: Boots, settled: Settled, losses: Losses, resends: Resends, folds: Folds) {
    this.#resends = resends;
    this.#records = records;
    this.#boots = boots;
    this.#settled = settled;
    this.#losses = losses;
    this.#folds = folds;
  }

  /** Whether an answer to a batch, or damage, is not in the file yet. */
  get answered(): boolean {
    return this.confirmed.length > 0 || this.rejected.length > 0 || this.damaged.length > 0;
  }

  offer(lane: Lane, maxRecords: number): Offer | undefined {
    if (this.#batches.size >= MAX_BATCHES) return undefined;
    switch (lane) {
      case 'urgent':
        return this.#offerUrgent(maxRecords);
      case 'live':
      case 'backlog':
        return this.#offerBulk(lane, maxRecords);
      case 'again':
        return this.#offerAgain(maxRecords);
    }
  }

  /** Begins the lane `live` with the next commit; what waits is backlog. */
  beginLive(): void {
    this.#liveFrom = this.#records.newestId + 1;
    this.#cursors.live = this.#liveFrom;
  }

  take(offer: Offer, measured: Pick<Batch, 'records' | 'from' | 'to' | 'counts'>): Batch {
    const id = this.#nextBatch;
    this.#nextBatch += 1;
    const { records, from, to, counts } = measured;
    const batch: Batch = { id, ...offer, records, from, to, counts };
    this.#batches.set(id, batch);
    const { first, last, ids } = offer.selection;
    if (offer.lane === 'again') this.#resends.taken(offer.selection);
    else if (ids === undefined) {
      this.#takenRanges.set(first, last, id);
      this.#folds.freeze(first, last);
    } else {
      for (const taken of ids) this.#takenIds.add(taken);
      this.#losses.freeze(ids);
    }
    return batch;
  }

  damage({ lane, boot }: Pick<Offer, 'lane' | 'boot'>, rows: readonly DamagedRow[]): void {
    if (lane === 'again') {
      // These records were confirmed when they were whole.
      this.#resends.taken({ first: 0, last: 0, ids: rows.map(({ id }) => id) });
      return;
    }
    for (const row of rows) {
      this.damaged.push({ ...row, boot });
      this.#folds.freeze(row.id, row.id);
      this.#takenIds.add(row.id);
      this.#takenRanges.set(row.id, row.id, NO_BATCH);
    }
  }

  /** Whether a batch has this record, or it is known to be damaged. */
  has(id: number): boolean {
    return this.#takenIds.has(id) || this.#takenRanges.get(id) !== undefined;
  }

  /** Notes that the receiver has a batch. An unknown batch is left alone, here and below. */
  confirm(id: number): void {
    const batch = this.#batches.get(id);
    if (batch !== undefined && this.#batches.delete(id) && batch.lane !== 'again') this.confirmed.push(batch);
  }

  release(id: number): void {
    const batch = this.#batches.get(id);
    if (batch !== undefined && this.#batches.delete(id)) this.#free(batch);
  }

  /** Notes that a batch is too large for the receiver: its halves are offered next, and a single record is dead. */
  reject(id: number): void {
    const batch = this.#batches.get(id);
    if (batch === undefined) return;
    if (batch.records === 1) {
      this.#batches.delete(id);
      if (batch.lane !== 'again') this.rejected.push(batch);
      return;
    }
    const { first, last } = batch.selection;
    this.#splits.set(batch.lane, { first, last, records: batch.records >> 1 });
    this.release(id);
  }

  /** Whether receipts have settled a part of this batch. */
  isTouched(id: number): boolean {
    return this.#touched.has(id);
  }

  /** Forgets the confirmed, rejected and damaged ones, which are in the file now. */
  saved(): void {
    for (const batch of [...this.confirmed, ...this.rejected]) this.#free(batch, false);
    this.confirmed.length = 0;
    for (const { id } of this.damaged) {
      this.#takenIds.delete(id);
      this.#takenRanges.delete(id, id);
    }
    this.rejected.length = 0;
    this.damaged.length = 0;
  }

  /**
   * Ends the batches of which nothing waits any more, now that receipts have settled these ids. Returns their numbers.
   */
  finish(ranges: readonly IdRange[]): number[] {
    const over: number[] = [];
    for (const batch of this.#batches.values()) {
      const { id, lane, selection } = batch;
      if (lane === 'again') continue;
      if (!ranges.some(({ first, last }) => first <= selection.last && last >= selection.first)) continue;
      if (this.#waits(selection)) {
        this.#touched.add(id);
        continue;
      }
      this.#batches.delete(id);
      this.#free(batch, false);
      over.push(id);
    }
    return over;
  }

  /** The lowest waiting rows that are not urgent and that nobody has, at most so many ids, of one boot. */
  nextBacklog(maxRecords: number): Selection | undefined {
    return this.#nextOf('backlog', maxRecords) ?? this.#nextOf('live', maxRecords);
  }

  #nextOf(lane: 'live' | 'backlog', maxRecords: number): Selection | undefined {
    const { newestId } = this.#records;
    const end = lane === 'live' ? newestId : Math.min(newestId, this.#liveFrom - 1);
    if (lane === 'live' && this.#liveFrom > newestId) return undefined;
    for (;;) {
      const gap = gapOfBoth(this.#settled.ranges, this.#takenRanges, this.#cursors[lane], end);
      const first = gap === undefined ? undefined : this.#records.firstBacklog(gap.first, gap.last);
      this.#cursors[lane] = first ?? Math.max(this.#cursors[lane], (gap?.last ?? end) + 1);
      if (gap === undefined) return undefined;
      if (first === undefined) continue;
      const { lastId } = this.#boots.of(first, this.#records.newestId);
      const most = Math.min(end, lastId, first + maxRecords - 1);
      return { first, last: this.#beyondUrgent(gap.last, most) };
    }
  }

  /**
   * The end of a run of free rows that reaches `last`, at most `most`. Urgent rows, which are sent before, do not end
   * it.
   */
  #beyondUrgent(last: number, most: number): number {
    let reached = last;
    while (reached < most) {
      const next = gapOfBoth(this.#settled.ranges, this.#takenRanges, reached + 1, most);
      if (next === undefined) break;
      const [from, to] = [reached + 1, next.first - 1];
      const untaken = this.#takenRanges.gap(from, to);
      if (untaken?.first !== from || untaken.last !== to || this.#records.firstBacklog(from, to) !== undefined) break;
      reached = next.last;
    }
    return Math.min(reached, most);
  }

  /** The lowest run of ids within [from, to] whose rows, except urgent ones, wait and are not taken. */
  unclaimed(from: number, to: number): Span | undefined {
    return gapOfBoth(this.#settled.ranges, this.#takenRanges, from, to);
  }

  /** Id of the oldest row that waits and is not urgent, taken or not. */
  oldestBacklog(): number | undefined {
    let oldest = this.nextBacklog(1)?.first;
    for (const { lane, selection } of this.#batches.values()) {
      if (isBulk(lane)) oldest = Math.min(oldest ?? selection.first, selection.first);
    }
    return oldest;
  }

  /** Looks at every row again: a rollback may have brought some back, and salvage adds some. */
  rewind(): void {
    this.#rewound = true;
    this.#cursors.backlog = 0;
    this.#cursors.live = this.#liveFrom;
  }

  /** Whether `rewind` was called since this was last asked: a lane that was empty may have something. */
  takeRewound(): boolean {
    const rewound = this.#rewound;
    this.#rewound = false;
    return rewound;
  }

  /** Forgets the oldest batch of the backlog, so that its rows may be dropped. Its confirmation will mean nothing. */
  forgetOldest(): boolean {
    let oldest: Batch | undefined;
    for (const batch of this.#batches.values()) {
      if (isBulk(batch.lane) && batch.selection.first <= (oldest?.selection.first ?? batch.selection.first)) {
        oldest = batch;
      }
    }
    if (oldest === undefined) return false;
    this.release(oldest.id);
    return true;
  }

  /** Forgets the batches that have one of these urgent rows. */
  forgetUrgent(ids: readonly number[]): void {
    const gone = new Set(ids);
    for (const { id, lane, selection } of this.#batches.values()) {
      if (lane === 'urgent' && selection.ids?.some((taken) => gone.has(taken))) this.release(id);
    }
  }

  /** Event time of the oldest waiting record, taken or not. */
  oldestTime(): number | undefined {
    const ids = [this.nextBacklog(1)?.first, this.#records.urgent.oldest()];
    const times = ids.map((id) => (id === undefined ? undefined : this.#records.timeOf(id)));
    for (const { lane, from } of this.#batches.values()) if (isBulk(lane)) times.push(from);
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  #waits({ first, last, ids }: Selection): boolean {
    if (ids !== undefined) {
      const waiting = new Set(this.#records.urgent.within(first, last));
      return ids.some((id) => waiting.has(id));
    }
    const { ranges } = this.#settled;
    for (let gap = ranges.gap(first, last); gap !== undefined; gap = ranges.gap(gap.last + 1, last)) {
      if (this.#records.firstBacklog(gap.first, gap.last) !== undefined) return true;
    }
    return false;
  }

  #offerAgain(maxRecords: number): Offer | undefined {
    const split = this.#splits.get('again');
    const selection = this.#resends.next(Math.min(maxRecords, split?.records ?? maxRecords));
    return (
      selection && { lane: 'again', boot: this.#boots.of(selection.first, this.#records.newestId).boot, selection }
    );
  }

  #offerBulk(lane: 'live' | 'backlog', maxRecords: number): Offer | undefined {
    const next = this.#nextOf(lane, maxRecords);
    if (next === undefined) return undefined;
    const { boot } = this.#boots.of(next.first, this.#records.newestId);
    const limit = this.#limitAt(lane, next.first, maxRecords);
    return { lane, boot, selection: { ...next, last: Math.min(next.last, next.first + limit - 1) } };
  }

  #offerUrgent(maxRecords: number): Offer | undefined {
    const waiting = this.#records.urgent.newest(maxRecords + this.#takenIds.size);
    const free = waiting.filter((id) => !this.#takenIds.has(id));
    const [newest] = free;
    if (newest === undefined) return undefined;
    const { boot } = this.#boots.of(newest, this.#records.newestId);
    const limit = this.#limitAt('urgent', newest, maxRecords);
    return {
      lane: 'urgent',
      boot,
      selection: newestOf(
        free.filter((id) => id >= boot.firstId),
        limit,
      ),
    };
  }

  #limitAt(lane: Lane, id: number, maxRecords: number): number {
    const split = this.#splits.get(lane);
    if (split === undefined || id < split.first || id > split.last) return maxRecords;
    return Math.min(maxRecords, split.records);
  }

  #free({ id, lane, selection }: Batch, again = true): void {
    const { first, last, ids } = selection;
    this.#touched.delete(id);
    if (lane === 'again') {
      if (again) this.#resends.back(selection);
      return;
    }
    if (ids !== undefined) {
      for (const taken of ids) this.#takenIds.delete(taken);
      return;
    }
    this.#takenRanges.delete(first, last);
    if (!again) return;
    this.#cursors.backlog = Math.min(this.#cursors.backlog, first);
    if (last >= this.#liveFrom) this.#cursors.live = Math.min(this.#cursors.live, Math.max(first, this.#liveFrom));
  }
}

function isBulk(lane: Lane): boolean {
  return lane === 'live' || lane === 'backlog';
}

import type { Lane } from '../../../../common/core/index.ts';
import type { Folds } from '../losses/folds.ts';
import type { Losses } from '../losses/losses.ts';
import type { Boot, Boots } from '../rows/boots.ts';
import { gapOfBoth, type IdRange, IdRanges, type Span } from '../rows/id-ranges.ts';
import type { KindCounts } from '../rows/ledger.ts';
import { type DamagedRow, newestOf, type Records, type Selection } from '../rows/records.ts';
import type { Settled } from '../rows/settled.ts';
import type { Resends } from './resends.ts';

/** A batch that somebody has; its records are not claimed again while it is here. */
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

/** A record that nobody can read any more. */
export interface Damaged extends DamagedRow {
  readonly boot: Boot;
}

/** What a lane offers next, of one boot. */
export interface Offer {
  readonly lane: Lane;
  readonly boot: Boot;
  readonly selection: Selection;
}

/** Smaller batches for the records of one that was refused as too large. */
interface Split {
  readonly first: number;
  readonly last: number;
  readonly records: number;
}

/** Marks what is taken by nobody, because it is damaged; batches count from 1. */
const NO_BATCH = 0;
/** What an uplink has in flight and waits for receipts of; more is one that never answers. */
const MAX_BATCHES = 4_096;

/** Who has which waiting records. Memory only: after a restart everything that is not settled is offered again. */
export class Claims {
  /** Confirmed or rejected, but not yet in the file. */
  readonly confirmed: Batch[] = [];
  readonly rejected: Batch[] = [];
  /** Found unreadable, but not yet written down; they are offered to nobody. */
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
  /** Every row of the lane below is settled, taken or gone. */
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

  /** Whether something is known that is not in the file yet. */
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

  /** What is committed from now on is live; what waits is backlog. */
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
      // It was confirmed when it was whole.
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

  /** Whether somebody has it, or it is known to be damaged. */
  has(id: number): boolean {
    return this.#takenIds.has(id) || this.#takenRanges.get(id) !== undefined;
  }

  /** A batch that is not known (any more) is left alone, here and below. */
  confirm(id: number): void {
    const batch = this.#batches.get(id);
    if (batch !== undefined && this.#batches.delete(id) && batch.lane !== 'again') this.confirmed.push(batch);
  }

  release(id: number): void {
    const batch = this.#batches.get(id);
    if (batch !== undefined && this.#batches.delete(id)) this.#free(batch);
  }

  /** Too large for whoever had it: the halves are offered, and a single record is dead. */
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

  /** Whether its counts are more than what still waits of it. */
  isTouched(id: number): boolean {
    return this.#touched.has(id);
  }

  /** The confirmed, rejected and damaged ones are in the file. */
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

  /** These ids are settled by receipts: batches of which nothing waits any more are over. Returns which. */
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

  /** How far a run of free rows that ends at `last` reaches, at most to `most`: urgent ones, sent before, do not end it. */
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

  /** The lowest run of ids within [from, to] whose rows, but for urgent ones, wait and nobody has. */
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

  /** Looks at every row anew: after a rollback some may be back, and a damaged file's are brought over. */
  rewind(): void {
    this.#rewound = true;
    this.#cursors.backlog = 0;
    this.#cursors.live = this.#liveFrom;
  }

  /** Whether a lane that was found empty may have something since it was last asked. */
  takeRewound(): boolean {
    const rewound = this.#rewound;
    this.#rewound = false;
    return rewound;
  }

  /** Forgets the oldest backlog batch, so that its rows may be dropped; a confirmation of it will mean nothing. */
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

  /** Event time of the oldest waiting record of each lane, taken or not: the older one. */
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

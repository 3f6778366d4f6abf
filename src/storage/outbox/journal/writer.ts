import type { Moment } from '../../../common/core/index.ts';
import type { Batch, Damaged } from './claims/claims.ts';
import { positionsOf, type Slice } from './commit-queue.ts';
import type { Loss } from './losses/losses.ts';
import { newestSeq, type OutboxState } from './outbox-state.ts';
import type { Stalled } from './rows/entry.ts';
import type { IdRange } from './rows/id-ranges.ts';
import { newestOf, type Selection } from './rows/records.ts';
import type { SourcePositions } from './rows/source-positions.ts';

/** Settled times are rounded up to this share of `keepAcked`, so that neighbours become one range. */
const SETTLED_STEPS = 16;

/** Writes, within transactions, new records and what became of old ones. */
export class Writer {
  readonly #state: OutboxState;
  readonly #positions: SourcePositions;
  readonly #settledStep: number;

  constructor(state: OutboxState, positions: SourcePositions, keepAcked: number) {
    this.#state = state;
    this.#positions = positions;
    this.#settledStep = Math.max(1, Math.ceil(keepAcked / SETTLED_STEPS));
  }

  /** Settles the batches that got an answer, and the records that were found damaged. */
  settle(moment: Moment): void {
    const { claims } = this.#state;
    const { at } = moment;
    for (const batch of claims.confirmed) {
      if (claims.isTouched(batch.id)) this.#settleRest(batch.selection, at);
      else this.#settleBatch(batch, 'acked', at);
    }
    for (const batch of claims.rejected) {
      this.#settleBatch(batch, 'dead', at);
      const { boot, selection, from, to, counts } = batch;
      const seq = selection.first - boot.firstId + 1;
      this.#reportTooLarge({ boot: boot.id, first: seq, last: seq, from, to, counts }, moment);
    }
    for (const row of claims.damaged) this.#settleDamaged(row, moment);
  }

  /** Settles what a consumer has, whoever sent it and when. Returns how many records no longer wait. */
  receive(ranges: readonly IdRange[], now: number): number {
    let received = 0;
    for (const { first, last } of ranges) {
      received += this.#settleUrgent(this.#state.records.urgent.within(first, last), now);
      received += this.#settleGaps(first, last, now);
    }
    return received;
  }

  insert(slice: Slice, moment: Moment): void {
    const { group, from, to, tooLarge } = slice;
    const { records, ledger, boots } = this.#state;
    const kinds = group.kinds.map(({ pipeline, type }) => ledger.kindOf(pipeline, type));
    const counts = new Map<number, number>();
    for (let index = from; index < to; index += 1) {
      const kind = kinds[(group.meta[index] ?? 0) >>> 2] ?? 0;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    for (const [kind, count] of counts) ledger.commit(kind, count);
    if (tooLarge) {
      // The record has a seq, so that its loss can be reported, but never a row.
      records.newestId += 1;
      const seq = newestSeq(this.#state);
      const t = group.t[from] ?? moment.at;
      ledger.settle(counts, 'dead');
      this.#reportTooLarge({ boot: boots.current.id, first: seq, last: seq, from: t, to: t, counts }, moment);
    } else records.insert(group, from, to, kinds);
    this.#positions.write(positionsOf(slice));
    if (group.stalled !== undefined && to === group.bodies.length) this.#insertStalled(group.stalled, moment);
  }

  /** Counts entries that never get a row. They have their seqs, so that what became of them can be reported. */
  #insertStalled({ counts, from, to, summaries }: Stalled, moment: Moment): void {
    const { records, ledger, losses, boots } = this.#state;
    const base = boots.current.firstId - 1;
    const ranges = counts.map(({ pipeline, type, became, count }) => {
      const gone = new Map([[ledger.kindOf(pipeline, type), count]]);
      for (const kind of gone.keys()) ledger.commit(kind, count);
      ledger.settle(gone, became);
      const first = records.newestId - base + 1;
      records.newestId += count;
      return { first, last: records.newestId - base, became, counts: gone };
    });
    const first = records.newestId - base + 1;
    for (const { pipeline, t, body } of summaries) {
      const kind = ledger.kindOf(pipeline, 'summary');
      ledger.commit(kind, 1);
      records.addToBacklog(kind, { at: t, trusted: moment.trusted }, body);
    }
    const standing = { first, last: records.newestId - base };
    for (const range of ranges) {
      const summarised = range.became === 'folded' ? { summaries: standing } : {};
      losses.add({ boot: boots.current.id, ...range, from, to, cause: 'disk-stalled', ...summarised }, moment);
    }
  }

  #settleDamaged({ id, kind, t, boot }: Damaged, moment: Moment): void {
    const { records, settled, ledger, losses } = this.#state;
    const counts = new Map([[ledger.kindOfDamaged(kind), 1]]);
    const seq = id - boot.firstId + 1;
    // The time may be what is damaged.
    const time = Number.isFinite(t) ? t : moment.at;
    ledger.settle(counts, 'unreadable');
    records.urgent.remove([id]);
    settled.add(id, id, this.#settledAt(moment.at));
    losses.addGrowing(
      { boot: boot.id, first: seq, last: seq, from: time, to: time, cause: 'unreadable', counts },
      moment,
    );
  }

  #settledAt(now: number): number {
    return Math.ceil(now / this.#settledStep) * this.#settledStep;
  }

  /** Settles what still waits of a batch. */
  #settleRest({ first, last, ids }: Selection, now: number): void {
    if (ids === undefined) this.#settleGaps(first, last, now);
    else {
      const mine = new Set(ids);
      const waiting = this.#state.records.urgent.within(first, last).filter((id) => mine.has(id));
      this.#settleUrgent(waiting, now);
    }
  }

  /** Settles urgent rows that wait; ids are given oldest first. */
  #settleUrgent(ids: readonly number[], now: number): number {
    return ids.length === 0 ? 0 : this.#settleSelection(newestOf([...ids].reverse(), ids.length), now);
  }

  /** Settles the backlog rows that are not settled yet. */
  #settleGaps(first: number, last: number, now: number): number {
    const { ranges } = this.#state.settled;
    let rows = 0;
    for (let gap = ranges.gap(first, last); gap !== undefined; gap = ranges.gap(gap.last + 1, last)) {
      rows += this.#settleSelection(gap, now);
    }
    return rows;
  }

  #settleSelection(selection: Selection, now: number): number {
    const { counts, records } = this.#state.records.measure(selection);
    this.#settleBatch({ selection, counts }, 'acked', now);
    return records;
  }

  #settleBatch({ selection, counts }: Pick<Batch, 'selection' | 'counts'>, state: 'acked' | 'dead', now: number): void {
    const { records, settled, ledger } = this.#state;
    const at = this.#settledAt(now);
    ledger.settle(counts, state);
    if (selection.ids === undefined) settled.add(selection.first, selection.last, at);
    else {
      records.urgent.remove(selection.ids);
      for (const id of selection.ids) settled.add(id, id, at);
    }
  }

  #reportTooLarge(loss: Omit<Loss, 'cause'>, moment: Moment): void {
    this.#state.losses.add({ ...loss, cause: 'too-large' }, moment);
  }
}

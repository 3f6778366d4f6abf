import { type Moment, recordKindOf, type SummaryRecord } from '../../../common/core/index.ts';
import { keepsOneIn, LEVEL, raiseLevel } from '../journal/degradation.ts';
import { type FoldablePrediction, readPrediction } from '../journal/losses/prediction-fold.ts';
import type { OutboxState } from '../journal/outbox-state.ts';
import type { Span } from '../journal/rows/id-ranges.ts';
import type { KeptRow } from '../journal/rows/records.ts';
import { URGENT } from '../journal/rows/tables.ts';
import { agree, keyOf, mergeSummaries, readSummary } from './coarsen.ts';
import { FIRST, type Ranks } from './ranks.ts';

/** Rows that are looked at together, if their bytes allow. Summaries are written anew with each piece. */
const PIECE_ROWS = 128;
/** Assets whose turn is remembered. A forgotten one begins anew, with a prediction that is kept. */
const MAX_TURNS = 10_000;
/** Share of the rows below which rewriting the others is not worth it. */
const REWRITE_SHARE = 1 / 4;

/** Whether some rows gave way. */
type Look = 'gave' | 'nothing';

interface Merging {
  readonly row: KeptRow;
  readonly summary: SummaryRecord;
}

/**
 * Thins and folds as the degradation level asks for, a bounded piece at a time. The caller runs it within a
 * transaction.
 */
export class Thinning {
  readonly #state: OutboxState;
  readonly #ranks: Ranks;
  readonly #pieceBytes: number;
  /** Predictions seen per kind and asset, to keep one in so many of each. */
  readonly #turns = new Map<string, number>();

  constructor(state: OutboxState, ranks: Ranks, pieceBytes: number) {
    this.#state = state;
    this.#ranks = ranks;
    this.#pieceBytes = pieceBytes;
  }

  /** Looks on until a piece gave way. False where nothing gives way any more except by being dropped. */
  step(moment: Moment): boolean {
    const { degradation, records } = this.#state;
    for (;;) {
      const { level } = degradation.current;
      const looked =
        (level !== LEVEL.none ? this.#thin(moment) : undefined) ??
        (level >= LEVEL.coarser ? this.#coarsen(moment) : undefined);
      if (looked === 'gave') return true;
      if (looked === 'nothing') continue;
      const next = raiseLevel(degradation.current, records.newestId);
      if (next === undefined) return false;
      degradation.look(next);
    }
  }

  /** Thins the next rows of the lowest priority that has some. */
  #thin(moment: Moment): Look | undefined {
    const { degradation } = this.#state;
    for (let rank = this.#firstRank(); rank < degradation.current.cursors.length; rank += 1) {
      const rows = this.#nextRows((degradation.current.cursors[rank] ?? 0) + 1);
      const last = rows.at(-1);
      if (last === undefined) continue;
      const look = this.#foldOf(rank, rows, moment);
      const { current } = degradation;
      degradation.look({ ...current, cursors: current.cursors.map((at, index) => (index === rank ? last.id : at)) });
      return look;
    }
    return undefined;
  }

  /** Nobody looks through all rows for what gives way first where none of it waits. */
  #firstRank(): number {
    const waits = this.#state.ledger.list().some(({ type, pending }) => pending > 0 && recordKindOf(type).thinnedFirst);
    return waits ? FIRST : FIRST + 1;
  }

  #foldOf(rank: number, rows: readonly KeptRow[], moment: Moment): Look {
    const { folds } = this.#state;
    const gone: KeptRow[] = [];
    const kept: KeptRow[] = [];
    for (const row of rows) {
      const prediction = isUrgent(row) || this.#rankOf(row.kind) !== rank ? undefined : readPrediction(row.body);
      if (prediction === undefined || this.#isKept(row, prediction)) kept.push(row);
      else {
        folds.add(prediction);
        gone.push(row);
      }
    }
    if (gone.length === 0) return 'nothing';
    this.#remove(gone, kept);
    this.#account(gone, folds.save(moment.trusted), moment);
    return 'gave';
  }

  /** Merges summaries in pairs of neighbours: of one asset, or, where there are none, of several. */
  #coarsen(moment: Moment): Look | undefined {
    const { degradation, ledger, records, folds } = this.#state;
    const rows = this.#nextRows(degradation.current.coarse + 1);
    const last = rows.at(-1);
    if (last === undefined) return undefined;
    const summaries = rows.flatMap((row) => {
      const mergeable = !isUrgent(row) && recordKindOf(ledger.row(row.kind).type).givesWay === 'coarsened';
      const summary = mergeable ? readSummary(row.body) : undefined;
      return summary === undefined ? [] : [{ row, summary }];
    });
    const ofOne = pairs(summaries, true);
    const found = ofOne.length > 0 ? ofOne : pairs(summaries, false);
    const { current } = degradation;
    degradation.look({ ...current, coarse: last.id, coarsened: current.coarsened || found.length > 0 });
    if (found.length === 0) return 'nothing';
    const gone = found.flatMap(([a, b]) => [a.row, b.row]);
    for (const { id } of gone) folds.freeze(id, id);
    const first = records.newestId + 1;
    for (const [a, b] of found) {
      const merged = mergeSummaries(a.summary, b.summary);
      ledger.commit(a.row.kind, 1);
      records.addToBacklog(a.row.kind, { at: merged.t, trusted: moment.trusted }, JSON.stringify(merged));
    }
    records.remove(gone.map(({ id }) => id));
    this.#account(gone, { first, last: records.newestId }, moment);
    return 'gave';
  }

  /** The next rows from an id on that are not taken, of one boot, never the newest row. */
  #nextRows(from: number): KeptRow[] {
    const { boots, claims, records } = this.#state;
    let at = from;
    for (;;) {
      const gap = claims.unclaimed(at, records.newestId - 1);
      if (gap === undefined) return [];
      const first = records.firstFrom(gap.first, gap.last);
      if (first === undefined) {
        at = gap.last + 1;
        continue;
      }
      const { boot, lastId } = boots.of(first, records.newestId);
      const rows = records.piece(first, Math.min(gap.last, lastId), PIECE_ROWS, this.#pieceBytes);
      const damaged = records.damaged({ first, last: rows.at(-1)?.id ?? first }, boot);
      if (damaged.length === 0) return rows;
      // These rows are unreadable; the next commit reports them.
      claims.damage({ lane: 'backlog', boot }, damaged);
      at = first;
    }
  }

  #rankOf(kind: number): number | undefined {
    const { type, pipeline } = this.#state.ledger.row(kind);
    return this.#ranks.of(pipeline, type);
  }

  #isKept({ id, kind }: KeptRow, { asset }: FoldablePrediction): boolean {
    const first = recordKindOf(this.#state.ledger.row(kind).type).thinnedFirst;
    const oneIn = first ? Number.POSITIVE_INFINITY : keepsOneIn(this.#state.degradation.current, id);
    if (oneIn === Number.POSITIVE_INFINITY) return false;
    const key = `${kind} ${asset}`;
    const turn = this.#turns.get(key) ?? 0;
    if (this.#turns.size >= MAX_TURNS) this.#turns.clear();
    this.#turns.set(key, turn + 1);
    return turn % oneIn === 0;
  }

  /** Deletes rows. A page that loses every second row stays a page, so the others are written anew and fill theirs. */
  #remove(gone: readonly KeptRow[], kept: readonly KeptRow[]): void {
    const { records } = this.#state;
    const ids = [...gone, ...kept].map(({ id }) => id);
    if (gone.length < REWRITE_SHARE * ids.length) records.remove(gone.map(({ id }) => id));
    else records.replace(Math.min(...ids), Math.max(...ids), kept);
  }

  #account(gone: readonly KeptRow[], summaries: Span | undefined, moment: Moment): void {
    const { boots, degradation, ledger, losses, records } = this.#state;
    const [oldest] = gone;
    const newest = gone.at(-1);
    if (oldest === undefined || newest === undefined) return;
    const { boot } = boots.of(Math.min(...gone.map(({ id }) => id)), records.newestId);
    const base = boot.firstId - 1;
    const counts = new Map<number, number>();
    for (const { kind } of gone) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    ledger.settle(counts, 'folded');
    const ids = gone.map(({ id }) => id);
    const times = gone.map(({ t }) => t);
    const range = { first: Math.min(...ids) - base, last: Math.max(...ids) - base };
    const current = boots.current.firstId - 1;
    const summarised = summaries && { first: summaries.first - current, last: summaries.last - current };
    losses.addGrowing(
      {
        boot: boot.id,
        ...range,
        from: Math.min(...times),
        to: Math.max(...times),
        cause: 'thinned',
        became: 'folded',
        counts,
        ...(summarised ? { summaries: summarised } : {}),
      },
      moment,
    );
    degradation.current = { ...degradation.current, touched: records.newestId };
  }
}

function isUrgent({ flags }: KeptRow): boolean {
  return (flags & URGENT) !== 0;
}

/** Pairs of neighbours that have one key. */
function pairs(summaries: readonly Merging[], withAsset: boolean): [Merging, Merging][] {
  const waiting = new Map<string, Merging>();
  const found: [Merging, Merging][] = [];
  for (const one of summaries) {
    const key = keyOf(one.summary, withAsset);
    const before = waiting.get(key);
    if (before === undefined || !agree(before.summary, one.summary)) waiting.set(key, one);
    else {
      found.push([before, one]);
      waiting.delete(key);
    }
  }
  return found;
}

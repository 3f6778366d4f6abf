import type { LossCause, LossRecord, Moment } from '../../../../common/core/index.ts';
import type { Span } from '../rows/id-ranges.ts';
import type { KindCounts, Ledger } from '../rows/ledger.ts';
import type { Records } from '../rows/records.ts';

/** Stands for the pipeline in the gateway's own records; no pipeline can have this name. */
export const NO_PIPELINE = '-';

/** Records of one boot that are gone, as a loss record reports them. */
export interface Loss {
  readonly boot: string;
  /** First and last seq, inclusive. What was received or waits within them is not lost. */
  readonly first: number;
  readonly last: number;
  /** Event times. */
  readonly from: number;
  readonly to: number;
  readonly cause: LossCause;
  readonly counts: KindCounts;
  /** State in the ledger; `dropped` where absent. */
  readonly became?: 'dropped' | 'folded';
  /** Seqs of the present boot among which the summaries lie that stand for these records. */
  readonly summaries?: Span;
}

interface Open {
  readonly id: number;
  readonly loss: Loss;
}

/** Loss records that may still grow, enough for a device that restarts again and again while it is full. */
const MAX_OPEN = 16;

/**
 * Writes loss records. Rows dropped for want of space, or found damaged, grow the loss record that waits already
 * instead of adding one, so that days without an uplink leave one record and not a million; once it is claimed, the
 * next one begins.
 */
export class Losses {
  readonly #records: Records;
  readonly #ledger: Ledger;
  readonly #open = new Map<string, Open>();

  constructor(records: Records, ledger: Ledger) {
    this.#records = records;
    this.#ledger = ledger;
  }

  /** Kind of loss records in the ledger; undefined before the first. */
  get kind(): number | undefined {
    return this.#ledger.knownKind(NO_PIPELINE, 'loss');
  }

  /** Writes a loss record that nothing is added to. Returns its id. */
  add(loss: Loss, moment: Moment): number {
    const kind = this.#ledger.kindOf(NO_PIPELINE, 'loss');
    this.#ledger.commit(kind, 1);
    return this.#records.add(kind, moment, this.#bodyOf(loss, moment.at));
  }

  addGrowing(loss: Loss, moment: Moment): void {
    const before = this.#open.get(keyOf(loss));
    const merged = before === undefined ? loss : merge(before.loss, loss);
    if (before === undefined) this.#keep({ id: this.add(merged, moment), loss: merged });
    else {
      this.#records.rewrite(before.id, moment.at, this.#bodyOf(merged, moment.at));
      this.#keep({ id: before.id, loss: merged });
    }
  }

  /** Leaves these loss records as they are from now on: they are claimed, or gone. */
  freeze(ids: readonly number[]): void {
    for (const [key, { id }] of this.#open) if (ids.includes(id)) this.#open.delete(key);
  }

  freezeAll(): void {
    this.#open.clear();
  }

  #keep(open: Open): void {
    this.#open.set(keyOf(open.loss), open);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_OPEN && oldest !== undefined) this.#open.delete(oldest);
  }

  #bodyOf({ counts, became = 'dropped', ...loss }: Loss, t: number): string {
    const rows = Array.from(counts, ([kind, count]) => {
      const { pipeline, type } = this.#ledger.row(kind);
      return { pipeline, type, [became]: count };
    });
    const record: LossRecord = { type: 'loss', t, ...loss, counts: rows };
    return JSON.stringify(record);
  }
}

/** Losses of one boot and cause share a loss record. */
function keyOf({ boot, cause }: Loss): string {
  return `${cause} ${boot}`;
}

function merge(a: Loss, b: Loss): Loss {
  const counts = new Map(a.counts);
  for (const [kind, count] of b.counts) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return {
    ...a,
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    from: Math.min(a.from, b.from),
    to: Math.max(a.to, b.to),
    counts,
    ...(a.summaries && b.summaries ? { summaries: around(a.summaries, b.summaries) } : {}),
  };
}

function around(a: Span, b: Span): Span {
  return { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
}

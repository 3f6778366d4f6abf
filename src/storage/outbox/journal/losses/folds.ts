import type { Span } from '../rows/id-ranges.ts';
import type { Ledger } from '../rows/ledger.ts';
import type { Records } from '../rows/records.ts';
import { type FoldablePrediction, PredictionFold, SEVERAL } from './prediction-fold.ts';

/** Summaries of single assets that grow at a time; further assets share one per pipeline and model. */
const MAX_OPEN = 64;
/** A summary of more predictions is closed: its period says less and less. */
const FULL_RECORDS = 1000;

interface Open {
  readonly fold: PredictionFold;
  readonly pipeline: string;
  /** Id of its row, once it has one. */
  id: number | undefined;
  changed: boolean;
}

/**
 * Summaries of folded predictions. While nobody has claimed its row, a summary grows in place, so that folding a
 * thousand predictions leaves one record and not a thousand.
 */
export class Folds {
  readonly #records: Records;
  readonly #ledger: Ledger;
  readonly #open = new Map<string, Open>();

  constructor(records: Records, ledger: Ledger) {
    this.#records = records;
    this.#ledger = ledger;
  }

  add(prediction: FoldablePrediction): void {
    const open = this.#openFor(prediction);
    open.fold.add(prediction);
    open.changed = true;
  }

  /**
   * Writes the summaries that have grown, in the transaction that deletes the predictions. Returns the ids among which
   * they lie.
   */
  save(trusted: boolean): Span | undefined {
    let first = Number.POSITIVE_INFINITY;
    let last = 0;
    for (const [key, open] of this.#open) {
      if (!open.changed) continue;
      open.changed = false;
      open.id = this.#write(open, trusted);
      first = Math.min(first, open.id);
      last = Math.max(last, open.id);
      if (open.fold.records >= FULL_RECORDS) this.#open.delete(key);
    }
    return last === 0 ? undefined : { first, last };
  }

  /** Leaves the summaries in these rows as they are from now on: they are claimed, or gone. */
  freeze(first: number, last: number): void {
    for (const [key, { id = 0 }] of this.#open) if (id >= first && id <= last) this.#open.delete(key);
  }

  freezeAll(): void {
    this.#open.clear();
  }

  #openFor({ pipeline, asset, model, beside }: FoldablePrediction): Open {
    const key = (of: string) => JSON.stringify([pipeline, of, model.digest, beside]);
    const own = this.#open.get(key(asset));
    if (own !== undefined) return own;
    const of = this.#open.size < MAX_OPEN ? asset : SEVERAL;
    const shared = this.#open.get(key(of));
    if (shared !== undefined) return shared;
    const fold = new PredictionFold(pipeline, of, model, beside);
    const open: Open = { fold, pipeline, id: undefined, changed: false };
    this.#open.set(key(of), open);
    return open;
  }

  #write({ fold, pipeline, id }: Open, trusted: boolean): number {
    const record = fold.toRecord();
    const body = JSON.stringify(record);
    if (id !== undefined) {
      this.#records.rewrite(id, record.t, body);
      return id;
    }
    const kind = this.#ledger.kindOf(pipeline, 'summary');
    this.#ledger.commit(kind, 1);
    return this.#records.addToBacklog(kind, { at: record.t, trusted }, body);
  }
}

import type { Range } from '../../../../common/protocol/index.ts';
import type { Boots } from '../rows/boots.ts';
import { type IdRange, IdRanges } from '../rows/id-ranges.ts';
import type { Records } from '../rows/records.ts';

/** A consumer's confirmation of records of one boot. */
export interface Receipt {
  readonly boot: string;
  /** Ranges of seqs, both ends inclusive. */
  readonly ranges: readonly Range[];
}

/**
 * Why a range is refused. `unknown-boot`: no record of the boot is kept. `not-given`: the boot has not reached these
 * seqs.
 */
export type ReceiptRefusal = 'unknown-boot' | 'not-given' | 'too-many';

/** Number of refused ranges by reason. */
export type ReceiptVerdict = Readonly<Partial<Record<ReceiptRefusal, number>>>;

/** Ranges that may wait for a commit. More mean that the disk is stalled; a refused receipt comes again. */
const MAX_RANGES = 10_000;
/** Ids that one commit settles: a receipt may cover a million. */
const IDS_PER_COMMIT = 20_000;
const WAITING = 1;

/** Receipts that have arrived and wait for the commit that settles their records. */
export class Receipts {
  readonly #boots: Boots;
  readonly #records: Records;
  readonly #waiting = new IdRanges();

  constructor(boots: Boots, records: Records) {
    this.#boots = boots;
    this.#records = records;
  }

  get empty(): boolean {
    return this.#waiting.all.length === 0;
  }

  take({ boot, ranges }: Receipt): ReceiptVerdict {
    const span = this.#boots.span(boot, this.#records.newestId);
    if (span === undefined) return { 'unknown-boot': ranges.length };
    let notGiven = 0;
    let tooMany = 0;
    const base = span.firstId - 1;
    for (const [from, to] of ranges) {
      if (base + to > span.lastId) notGiven += 1;
      else if (this.#waiting.all.length >= MAX_RANGES) tooMany += 1;
      else this.#waiting.set(base + from, base + to, WAITING);
    }
    return { ...(notGiven > 0 && { 'not-given': notGiven }), ...(tooMany > 0 && { 'too-many': tooMany }) };
  }

  /** The next ranges, a bounded number of ids. They stay until `done`. */
  peek(): IdRange[] {
    const pieces: IdRange[] = [];
    let left = IDS_PER_COMMIT;
    for (const range of this.#waiting.all) {
      if (left <= 0) break;
      const last = Math.min(range.last, range.first + left - 1);
      pieces.push({ ...range, last });
      left -= last - range.first + 1;
    }
    return pieces;
  }

  done(pieces: readonly IdRange[]): void {
    for (const { first, last } of pieces) this.#waiting.delete(first, last);
  }
}

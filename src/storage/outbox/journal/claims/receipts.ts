import type { Range } from '../../../../common/protocol/index.ts';
import type { Boots } from '../rows/boots.ts';
import { type IdRange, IdRanges } from '../rows/id-ranges.ts';
import type { Records } from '../rows/records.ts';

/** What a consumer says it has, of one boot. */
export interface Receipt {
  readonly boot: string;
  /** Seqs, both ends inclusive. */
  readonly ranges: readonly Range[];
}

/** `unknown-boot`: none of its records is kept. `not-given`: seqs that the boot has not reached. */
export type ReceiptRefusal = 'unknown-boot' | 'not-given' | 'too-many';

/** Ranges that were refused, by reason. */
export type ReceiptVerdict = Readonly<Partial<Record<ReceiptRefusal, number>>>;

/** Ranges that wait for a commit; more says that the disk is stalled, and a refused receipt comes again. */
const MAX_RANGES = 10_000;
/** Ids that one commit looks at: a receipt may cover a million. */
const IDS_PER_COMMIT = 20_000;
const WAITING = 1;

/** Receipts between their arrival and the commit that makes them true. */
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

  /** The next ones, up to a bounded number of ids; they stay until `done`. */
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

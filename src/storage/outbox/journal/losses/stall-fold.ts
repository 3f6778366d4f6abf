import { recordKindOf } from '../../../../common/core/index.ts';
import type { Entry, Stalled, StalledCount } from '../rows/entry.ts';
import { type FoldablePrediction, PredictionFold, readPrediction, SEVERAL } from './prediction-fold.ts';

/** Summaries of single assets. Together with the shared ones they fit into any one transaction. */
const MAX_OPEN = 16;
/** Summaries that the other assets of a pipeline and model share; beyond these only counts are kept. */
const MAX_SHARED = 16;

/** Folds entries in memory, a bounded amount of it, until the disk works again. */
export class StallFold {
  #folds = new Map<string, PredictionFold>();
  #shared = 0;
  #counts = new Map<string, { -readonly [K in keyof StalledCount]: StalledCount[K] }>();
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;

  get empty(): boolean {
    return this.#counts.size === 0;
  }

  add({ pipeline, type, t, body }: Entry): void {
    const prediction = recordKindOf(type).givesWay === 'thinned' ? readPrediction(body) : undefined;
    const fold = prediction && this.#foldFor(prediction);
    if (fold !== undefined && prediction !== undefined) fold.add(prediction);
    const became = fold === undefined ? 'dropped' : 'folded';
    const key = `${type} ${became} ${pipeline}`;
    const count = this.#counts.get(key) ?? { pipeline, type, became, count: 0 };
    count.count += 1;
    this.#counts.set(key, count);
    const time = Number.isFinite(t) ? t : 0;
    this.#from = Math.min(this.#from, time);
    this.#to = Math.max(this.#to, time);
  }

  /** Takes what has been folded; the next entry begins anew. */
  take(): Stalled {
    const summaries = Array.from(this.#folds.values(), (fold) => {
      const record = fold.toRecord();
      return { pipeline: record.pipeline, t: record.t, body: JSON.stringify(record) };
    });
    const [from, to] = [this.#from, this.#to];
    const stalled = { counts: [...this.#counts.values()], from, to, summaries };
    this.#folds = new Map();
    this.#shared = 0;
    this.#counts = new Map();
    this.#from = Number.POSITIVE_INFINITY;
    this.#to = Number.NEGATIVE_INFINITY;
    return stalled;
  }

  #foldFor({ pipeline, asset, model, beside }: FoldablePrediction): PredictionFold | undefined {
    const key = (of: string) => JSON.stringify([pipeline, of, model.digest, beside]);
    const known = this.#folds.get(key(asset)) ?? (this.#isFull ? this.#folds.get(key(SEVERAL)) : undefined);
    if (known !== undefined) return known;
    if (this.#isFull && this.#shared >= MAX_SHARED) return undefined;
    const of = this.#isFull ? SEVERAL : asset;
    if (this.#isFull) this.#shared += 1;
    const fold = new PredictionFold(pipeline, of, model, beside);
    this.#folds.set(key(of), fold);
    return fold;
  }

  get #isFull(): boolean {
    return this.#folds.size - this.#shared >= MAX_OPEN;
  }
}

import { type Reading, StatusCode, type Window } from '../../common/core/index.ts';
import type { AssetExtent, Begins, Effect, Left, Pipeline } from '../../scoring/pipeline/index.ts';

const NOTHING: AssetExtent = { answered: Number.NEGATIVE_INFINITY, oldest: Number.POSITIVE_INFINITY, newest: 0 };

/** Does a step of one of the two pipelines, and what it wants done. */
export type Perform = (pipeline: Pipeline, step: () => readonly Effect[]) => void;

/** An asset for which the old pipeline still answers. */
interface Waiting {
  /** Newest event time when the change began: of what came later the next pipeline has all. */
  readonly since: number;
  /** End of the newest window of the next one that it did not answer. */
  unanswered: number;
}

/**
 * A pipeline that takes the place of another one of its name, asset by asset, while readings come. Both get the readings
 * of an asset until the windows of the next one are whole; from then on that one answers alone. At the change of an
 * asset, at its event time H:
 * - each window that ends by H is answered by the old one, each later one by the next. No event time that the old one
 *   would have covered is left out: the first window of the next one begins where the last one of the old ended, or before.
 * - Where both cut windows alike, open windows and gate go over at once, also those of assets that are silent.
 * - Decisions of the next one wait until those of the old one are told, so that records of an asset rise in time.
 * - The summary ends, and alarms go on whose rule and targets are the same; others are cleared, with the reason.
 */
export class Succession {
  readonly #before: Pipeline;
  readonly #next: Pipeline;
  readonly #perform: Perform;
  readonly #now: () => number;
  /** The assets for which the old one still answers. */
  readonly #waiting = new Map<string, Waiting>();
  /** Assets for which the next one answers since the step at hand. */
  #begun: string[] = [];
  /** Puts the reading at hand into the old one, which closes windows up to a limit. */
  #advance: ((limit: number, including: boolean) => void) | undefined;

  constructor(before: Pipeline, next: Pipeline, perform: Perform, now: () => number) {
    this.#before = before;
    this.#next = next;
    this.#perform = perform;
    this.#now = now;
  }

  /** Number of assets for which the old pipeline still answers. */
  get left(): number {
    return this.#waiting.size;
  }

  /** Whether the old pipeline has nothing to do any more. */
  get done(): boolean {
    return this.#waiting.size === 0 && this.#before.waiting === 0;
  }

  /** Begins: hands over at once what can be. To be called before the next one gets a reading. */
  begin(): void {
    const begins: Begins = (asset, window, warm) => this.#begins(asset, window, warm);
    this.#next.follow(begins);
    for (const asset of this.#before.names) {
      const lent = this.#before.lend(asset);
      if (lent && this.#next.adopt(lent) === 'fills')
        this.#waiting.set(asset, { since: lent.state.windows.newest, unanswered: Number.POSITIVE_INFINITY });
      else this.#begun.push(asset);
    }
    this.#settle();
  }

  /**
   * Carries a reading in. `push` puts it into one of the two, with the limit of `Pipeline.push`.
   * @param readingNumber see `Pipeline.push`
   */
  push({ asset }: Reading, readingNumber: number, push: (pipeline: Pipeline, limit?: number) => void): void {
    let pushed = false;
    this.#advance = (limit, including) => {
      if (!pushed) push(this.#before, limit);
      pushed = true;
      if (including) this.#close(asset, readingNumber, limit);
    };
    push(this.#next);
    this.#advance = undefined;
    this.#settle();
    if (!this.#waiting.has(asset)) return;
    if (pushed) this.#close(asset, readingNumber);
    else push(this.#before);
  }

  /** Has both do something that may close windows, the old one first. */
  step(step: (pipeline: Pipeline) => readonly Effect[]): void {
    this.#perform(this.#before, () => step(this.#before));
    this.#perform(this.#next, () => step(this.#next));
    this.#settle();
  }

  /** The old one has told all of an asset. */
  tookLeave(left: Left): void {
    this.#perform(this.#next, () => this.#next.takeOver(left, this.#now()));
  }

  /** Gives up waiting: what is left begins anew in the next one. Returns the names of these assets. */
  finish(): readonly string[] {
    const assets = [...this.#waiting.keys()];
    this.#waiting.clear();
    this.#begun.push(...assets);
    this.#settle();
    return assets;
  }

  /** Whether the next one answers for an asset from a window of its own on, which has just closed. */
  #begins(asset: string, window: Window, warm: number): ReturnType<Begins> {
    const waiting = this.#waiting.get(asset);
    if (waiting === undefined) return 'now';
    if (this.#before.extentOf(asset) === undefined) {
      this.#waiting.delete(asset);
      return 'now';
    }
    const filled = window.from > waiting.since && window.quality.code !== StatusCode.BadWaitingForInitialData;
    const whole = filled && warm >= this.#next.warmUp;
    if (!whole || !this.#follows(asset, window, waiting.unanswered)) {
      waiting.unanswered = window.to;
      return 'no';
    }
    this.#waiting.delete(asset);
    this.#begun.push(asset);
    return 'after';
  }

  /**
   * Whether a window of the next one follows those of the old one, without an event time in between that is in none, but
   * for what lies between its own windows. `previous`: end of the one before it.
   */
  #follows(asset: string, { from, to }: Pick<Window, 'from' | 'to'>, previous: number): boolean {
    this.#advance?.(to, false);
    const { answered, oldest } = this.#before.extentOf(asset) ?? NOTHING;
    if ((from <= oldest || previous <= answered) && to > answered) return true;
    // A time window does not have the sample at its end, a count window has: it may end just there and be the next.
    this.#advance?.(to, true);
    const extent = this.#before.extentOf(asset) ?? NOTHING;
    return from <= extent.oldest && from >= extent.answered && to >= extent.answered;
  }

  #close(asset: string, readingNumber: number, limit?: number): void {
    this.#perform(this.#before, () => this.#before.close(asset, this.#now(), readingNumber, limit));
  }

  #settle(): void {
    const begun = this.#begun;
    this.#begun = [];
    for (const asset of begun) this.#perform(this.#before, () => this.#before.release(asset, this.#now()));
  }
}

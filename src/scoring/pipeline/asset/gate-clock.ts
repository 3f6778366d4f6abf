import type { ReadingValue } from '../../../common/core/index.ts';
import { Backstep, type ReadingOrigin } from '../../windows/index.ts';

/** What a reading is to what was heard before it: not earlier, earlier, or earlier by a clock that was set back. */
export type Heard = 'onwards' | 'late' | 'stepped';

/** How far the readings of an asset have come, whether a gate lets them through or not, and when its values are of. */
export class GateClock {
  readonly #backstep = new Backstep();
  #newest: number;
  /** Event time of the latest value of each tag of the gate. */
  #times: Record<string, number> = {};
  /** Time of those of which it is not known. */
  #since: number;
  /** Values of late readings since the last one that was not late: of a clock that was set back they are the latest. */
  late: Record<string, ReadingValue> = {};

  /** @param since newest event time that was heard before */
  constructor(since = Number.NEGATIVE_INFINITY) {
    this.#newest = since;
    this.#since = since;
  }

  /** Hears a reading. `t`: event time, ms; `now`: processing time, ms. */
  hear(t: number, now: number, origin: ReadingOrigin | undefined): Heard {
    if (t < this.#newest) {
      const pace = origin === 'recording' ? undefined : now;
      if (origin === 'again' || !this.#backstep.late(t, pace, this.#newest)) return 'late';
      this.#times = {};
      this.#since = Number.NEGATIVE_INFINITY;
    }
    const heard = t < this.#newest ? 'stepped' : 'onwards';
    this.#backstep.inTime();
    this.#newest = t;
    return heard;
  }

  /** Forgets times beyond `limit`: they are of a clock of the gateway that was set back since. */
  resetBeyond(limit: number): void {
    if (this.#newest <= limit) return;
    this.#newest = Number.NEGATIVE_INFINITY;
    this.#since = Number.NEGATIVE_INFINITY;
    this.#times = {};
  }

  /** Whether a value of time `t` is the tag's latest; it is from then on. */
  isLatest(tag: string, t: number): boolean {
    if (t < (this.#times[tag] ?? this.#since)) return false;
    this.#times[tag] = t;
    return true;
  }
}

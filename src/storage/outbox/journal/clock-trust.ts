import type { Moment } from '../../../common/core/index.ts';

/**
 * Knows whether the wall clock is trusted: as `set` said last, or, before that, where it shows a time after `since`.
 */
export class ClockTrust {
  readonly #since: number;
  #known: boolean | undefined;

  /** @param since ms since the epoch; a clock that shows less is wrong */
  constructor(since: number) {
    this.#since = since;
  }

  set(trusted: boolean): void {
    this.#known = trusted;
  }

  /** @param now ms since the epoch */
  momentOf(now: number): Moment {
    return { at: now, trusted: this.#known ?? now >= this.#since };
  }
}

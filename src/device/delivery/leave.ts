import type { Leave } from './fetch-events.ts';

/** The time, in ms, for which telemetry that never pauses may hold a fetch up before a piece is asked for all the same. */
const MOST_HELD = 5_000;

/** Says when a request may go beside telemetry, which comes first. Time (monotonic ms) is an argument. */
export class LeaveKeeper {
  #heldSince: number | undefined;

  /** @param behind whether urgent or live records wait; `budget`: whether the day has bytes left for others */
  leave(behind: boolean, budget: boolean, now: number): Leave {
    if (!budget) return 'none';
    if (!behind) {
      this.#heldSince = undefined;
      return 'all';
    }
    this.#heldSince ??= now;
    return now - this.#heldSince >= MOST_HELD ? 'little' : 'none';
  }

  /** Notes that a request went. */
  asked(): void {
    this.#heldSince = undefined;
  }
}

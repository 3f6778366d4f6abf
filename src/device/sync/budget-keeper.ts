import type { Clock } from '../../common/core/index.ts';
import { type Allowance, Budget, readBudget } from './budget.ts';
import type { BudgetStore } from './ports.ts';

/** The time, in ms, between two savings: a crash forgets what was spent since. */
const SAVE_EVERY = 10_000;

/** Keeps the budget of the day, by the clock of the gateway and over restarts. */
export class BudgetKeeper {
  readonly #clock: Clock;
  readonly #store: BudgetStore | undefined;
  readonly #budget: Budget;
  #savedAt = Number.NEGATIVE_INFINITY;

  /** @param limit bytes a day */
  constructor(limit: number, clock: Clock, store: BudgetStore | undefined) {
    this.#clock = clock;
    this.#store = store;
    this.#budget = new Budget(limit, performance.now(), readBudget(store?.saved));
  }

  /** What may be sent now. */
  get allowance(): Allowance {
    return this.#budget.allowance;
  }

  /** The bytes of the day. */
  get spent(): { readonly used: number; readonly limit: number } {
    return { used: this.#budget.state.used, limit: this.#budget.limit };
  }

  /** Counts bytes that are published. */
  spend(bytes: number): void {
    this.#budget.spend(bytes);
  }

  /** Begins another day where it is time. */
  tick(): void {
    this.#budget.tick(this.#clock.trusted() ? this.#clock.now() : undefined, performance.now());
  }

  /** Saves where the last time is long ago; to be called often. */
  saveWhenDue(): void {
    if (performance.now() - this.#savedAt < SAVE_EVERY) return;
    this.#savedAt = performance.now();
    this.save();
  }

  /** Saves what is used, for the next start. */
  save(): void {
    this.#store?.save(this.#budget.state);
  }
}

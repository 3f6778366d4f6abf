/** What of a day's budget is used, as it is kept over restarts. */
export interface BudgetState {
  /** Days since the epoch, UTC; null while the clock was not trusted. */
  readonly day: number | null;
  readonly used: number;
  /** ms that the gateway has run in a day without a trusted clock. */
  readonly ran: number;
}

export interface Allowance {
  readonly urgent: boolean;
  readonly others: boolean;
}

const DAY = 24 * 3600e3;
/** What is kept for alarms, losses, events and summaries: a share of the day's bytes. */
const RESERVED = 0.25;

/**
 * Bytes a day on a metered link. A day is one of UTC; while the clock is not trusted it is 24 hours of running, and a
 * clock that becomes trusted gives no second budget. Time is an argument.
 */
export class Budget {
  readonly limit: number;
  #state: BudgetState;
  #monotonic: number;

  constructor(limit: number, monotonic: number, saved: BudgetState = { day: null, used: 0, ran: 0 }) {
    this.limit = limit;
    this.#state = saved;
    this.#monotonic = monotonic;
  }

  get state(): BudgetState {
    return this.#state;
  }

  get allowance(): Allowance {
    const { used } = this.#state;
    return { urgent: used < this.limit, others: used < this.limit * (1 - RESERVED) };
  }

  spend(bytes: number): void {
    this.#state = { ...this.#state, used: this.#state.used + bytes };
  }

  /** Begins another day where it is time. `now`: ms since the epoch, undefined while not trusted. */
  tick(now: number | undefined, monotonic: number): void {
    const { day, used } = this.#state;
    const ran = this.#state.ran + monotonic - this.#monotonic;
    this.#monotonic = monotonic;
    if (now === undefined) {
      this.#state = ran >= DAY ? { day, used: 0, ran: 0 } : { day, used, ran };
      return;
    }
    const today = Math.floor(now / DAY);
    this.#state = { day: today, used: day === null || day === today ? used : 0, ran: 0 };
  }
}

/** What was kept; undefined where it is none. */
export function readBudget(value: unknown): BudgetState | undefined {
  if (typeof value !== 'object' || value === null || !('day' in value && 'used' in value && 'ran' in value)) {
    return undefined;
  }
  const { day, used, ran } = value;
  if ((day !== null && typeof day !== 'number') || typeof used !== 'number' || typeof ran !== 'number')
    return undefined;
  return { day, used, ran };
}

/** The state of a day's budget, as it is kept over restarts. */
export interface BudgetState {
  /** The day, in days since the epoch, UTC; null while the clock was not trusted. */
  readonly day: number | null;
  readonly used: number;
  /** The time, in ms, that the gateway has run in a day without a trusted clock. */
  readonly ran: number;
}

/** Whether urgent records, and whether others may be sent. */
export interface Allowance {
  readonly urgent: boolean;
  readonly others: boolean;
}

const DAY = 24 * 3600e3;
/** The share of the day's bytes that is kept for alarms, losses, events and summaries. */
const RESERVED = 0.25;

/**
 * A budget of bytes a day on a metered link. A day is one of UTC; while the clock is not trusted it is 24 hours of
 * running, and a clock that becomes trusted gives no second budget. Time is an argument.
 */
export class Budget {
  /** Bytes a day. */
  readonly limit: number;
  #state: BudgetState;
  #monotonic: number;

  constructor(limit: number, monotonic: number, saved: BudgetState = { day: null, used: 0, ran: 0 }) {
    this.limit = limit;
    this.#state = saved;
    this.#monotonic = monotonic;
  }

  /** What is used, to be kept. */
  get state(): BudgetState {
    return this.#state;
  }

  /** What may be sent now. */
  get allowance(): Allowance {
    const { used } = this.#state;
    return { urgent: used < this.limit, others: used < this.limit * (1 - RESERVED) };
  }

  /** Counts bytes that are sent. */
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

/** Reads the state that was kept; undefined where it is none. */
export function readBudget(value: unknown): BudgetState | undefined {
  if (typeof value !== 'object' || value === null || !('day' in value && 'used' in value && 'ran' in value)) {
    return undefined;
  }
  const { day, used, ran } = value;
  if ((day !== null && typeof day !== 'number') || typeof used !== 'number' || typeof ran !== 'number')
    return undefined;
  return { day, used, ran };
}

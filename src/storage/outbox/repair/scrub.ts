import { corrupt, type Store } from '../../../common/store/index.ts';
import type { OutboxState } from '../journal/outbox-state.ts';
import { isSmall } from './integrity-check.ts';

/** Rows in a step of a millisecond or two. */
const STEP_ROWS = 1000;

/** Checks each row once, in idle time, that was there at the start, so that damage is not found years later. */
export class Scrub {
  readonly #store: Store;
  readonly #state: OutboxState;
  #next = 0;
  #upTo = 0;

  constructor(store: Store, state: OutboxState) {
    this.#store = store;
    this.#state = state;
  }

  begin(): void {
    const { records } = this.#state;
    this.#next = records.oldestId() ?? 1;
    this.#upTo = records.newestId;
  }

  get done(): boolean {
    return this.#next > this.#upTo;
  }

  /**
   * Checks some rows. Returns whether there are more. Throws `store.corrupt` where rows that should wait are missing.
   */
  step(): boolean {
    if (this.done) return false;
    const { records, boots, claims } = this.#state;
    const { boot, lastId } = boots.of(this.#next, records.newestId);
    const last = Math.min(this.#next + STEP_ROWS - 1, lastId, this.#upTo);
    const damaged = records.damagedWithin(this.#next, last, boot);
    claims.damage(
      { lane: 'backlog', boot },
      damaged.filter(({ id }) => this.#waits(id)),
    );
    this.#next = last + 1;
    if (this.done && isSmall(this.#store)) this.#count();
    return !this.done;
  }

  /** Whether a damaged row may wait. Its flags may be what is damaged, so that neither lane would ever offer it. */
  #waits(id: number): boolean {
    const { settled, claims, records } = this.#state;
    if (claims.has(id)) return false;
    return settled.ranges.get(id) === undefined || records.urgent.has(id);
  }

  /** Counts what waits: a row can be gone without a trace, and then fewer wait than the ledger says. */
  #count(): void {
    const { records, settled, ledger } = this.#state;
    const found = records.countWaiting(settled.ranges);
    for (const [kind, pending] of ledger.waiting()) {
      const waiting = found.get(kind) ?? 0;
      if (waiting < pending) throw corrupt(this.#store.path, `${pending} records should wait, ${waiting} are there`);
    }
  }
}

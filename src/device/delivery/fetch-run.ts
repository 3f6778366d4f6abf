import { LONGEST_TIMER_MS } from '../../common/core/index.ts';
import { BLOB_DATA_HEAD } from '../../common/protocol/index.ts';
import type { Traffic } from '../sync/index.ts';
import type { BlobFetch } from './blob-fetch.ts';
import type { BlobWay } from './blob-way.ts';
import type { FetchAction, FetchEvent } from './fetch-events.ts';
import type { FetchOutcome } from './fetch-outcome.ts';
import { LeaveKeeper } from './leave.ts';

/** The time, in ms, between two looks at whether telemetry still waits. */
const LOOK_EVERY = 50;

/** Where verified blocks go. */
export interface Sink {
  write(at: number, bytes: Uint8Array): Promise<void>;
}

/** What carries out one fetch. */
export interface RunDeps {
  readonly fetch: BlobFetch;
  readonly way: BlobWay;
  readonly sink: Sink;
  readonly traffic?: Pick<Traffic, 'behind' | 'budgetLeft' | 'spend'>;
  readonly withinBudget: boolean;
  readonly signal?: AbortSignal;
  /** Called after each event that may have changed how far it is. */
  readonly onChange: () => void;
}

/** How a run ended. */
export type RunOutcome = { readonly state: 'complete' } | Exclude<FetchOutcome, { state: 'complete' }>;

/** Carries out what a fetch decides, until it ends. Rejects with what the sink does. */
export function runFetch(deps: RunDeps): Promise<RunOutcome> {
  return new Promise((resolve, reject) => new FetchRun(deps, resolve, reject).start());
}

class FetchRun {
  readonly #deps: RunDeps;
  readonly #resolve: (outcome: RunOutcome) => void;
  readonly #reject: (error: unknown) => void;
  readonly #leave = new LeaveKeeper();
  readonly #onAbort = () => this.#finish(() => this.#resolve({ state: 'cancelled' }));
  #endListening: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Settles when what was given to the sink is there. */
  #writing: Promise<unknown> = Promise.resolve();
  #over = false;

  constructor(deps: RunDeps, resolve: (outcome: RunOutcome) => void, reject: (error: unknown) => void) {
    this.#deps = deps;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { way, signal } = this.#deps;
    if (signal?.aborted) {
      this.#onAbort();
      return;
    }
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#endListening = way.listen({
      connected: () => this.#feed({ type: 'connected' }),
      closed: () => this.#feed({ type: 'closed' }),
      malformed: () => this.#feed({ type: 'malformed' }),
      data: (data) => {
        if (this.#deps.withinBudget) this.#deps.traffic?.spend(BLOB_DATA_HEAD + data.bytes.byteLength);
        this.#feed({ type: 'data', data });
      },
    });
    this.#feed({ type: way.connected ? 'connected' : 'tick' });
  }

  #feed(event: FetchEvent): void {
    if (this.#over) return;
    const { fetch, traffic, withinBudget, onChange } = this.#deps;
    const now = performance.now();
    const budget = !withinBudget || traffic?.budgetLeft !== false;
    const leave = this.#leave.leave(traffic?.behind === true, budget, now);
    const actions = fetch.handle(event, now, leave);
    if (event.type !== 'tick' || actions.length > 0) onChange();
    for (const action of actions) this.#do(action);
    this.#wake(now);
  }

  #wake(now: number): void {
    clearTimeout(this.#timer);
    const { fetch } = this.#deps;
    if (this.#over || fetch.wakeAt === undefined) return;
    const wait = fetch.wantsLeave(now) ? LOOK_EVERY : Math.min(LONGEST_TIMER_MS, Math.max(1, fetch.wakeAt - now));
    this.#timer = setTimeout(() => this.#feed({ type: 'tick' }), wait);
  }

  #do(action: FetchAction): void {
    const { way, sink } = this.#deps;
    switch (action.type) {
      case 'ask': {
        this.#leave.asked();
        const { token } = action.request;
        way.ask(action.request).catch(() => this.#feed({ type: 'unsent', token }));
        return;
      }
      case 'write': {
        const bytes = action.bytes.byteLength;
        const writing = sink.write(action.at, action.bytes);
        this.#writing = Promise.allSettled([this.#writing, writing]);
        writing.then(
          () => this.#feed({ type: 'written', bytes }),
          (error: unknown) => this.#finish(() => this.#reject(error)),
        );
        return;
      }
      case 'complete':
        this.#finish(() => this.#resolve({ state: 'complete' }));
        return;
      case 'failed':
        this.#finish(() => this.#resolve({ state: 'failed', code: action.code, reason: action.reason }));
        return;
    }
  }

  #finish(settle: () => void): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#endListening?.();
    this.#deps.signal?.removeEventListener('abort', this.#onAbort);
    // Whoever has the sink closes it next.
    void this.#writing.then(settle);
  }
}

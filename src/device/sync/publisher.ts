import { type ClaimedBatch, type Lane, LONGEST_TIMER_MS, type Logger, reasonOf } from '../../common/core/index.ts';
import type { Amount } from './awaited-receipts.ts';
import type { BatchLimits } from './batch-sizer.ts';
import type { Allowance } from './budget.ts';
import { Drain } from './drain.ts';
import type { DrainAction, DrainEvent, DrainOptions } from './drain-events.ts';
import { refusalText } from './outcome.ts';
import type { OutboxPort, Settlement } from './ports.ts';

/** What a publisher works with. */
export interface PublisherDeps {
  readonly outbox: Pick<OutboxPort, 'claim' | 'confirm' | 'release' | 'reject'>;
  /** Resolves with the broker's acknowledgement; rejects where there will be none. */
  readonly publish: (batch: ClaimedBatch) => Promise<{ readonly reasonCode: number }>;
  readonly gzip: boolean;
  /** Says what may be sent at all; undefined where nothing limits it. */
  readonly allowance: () => Allowance | undefined;
  readonly logger: Logger;
}

/** Carries batches from the outbox to the broker, as the drain decides, and back where the broker takes none. */
export class Publisher {
  readonly #deps: PublisherDeps;
  readonly #drain: Drain;
  /** The batches that are claimed and not yet confirmed or given back. */
  readonly #batches = new Map<number, ClaimedBatch>();
  readonly #counts = { batches: 0, bytes: 0, confirmed: 0, rejected: 0 };
  #wake: NodeJS.Timeout | undefined;
  #refusal: number | undefined;
  #over = false;
  #onIdle: (() => void) | undefined;

  constructor(options: DrainOptions, deps: PublisherDeps) {
    this.#deps = deps;
    this.#drain = new Drain(options);
  }

  /** Since the start: batches and bytes sent (again counts again), records confirmed, records that no broker takes. */
  get counts(): Readonly<{ batches: number; bytes: number; confirmed: number; rejected: number }> {
    return this.#counts;
  }

  /** The number of batches that are published and not acknowledged. */
  get inFlight(): number {
    return this.#drain.inFlight;
  }

  /** How much is with the broker and has no receipt yet; undefined where none are asked for. */
  get awaiting(): Amount | undefined {
    return this.#drain.awaiting;
  }

  /** Whether urgent or live records wait: for their turn, or for longer than the link itself takes. */
  get behind(): boolean {
    return this.#drain.isBehind(performance.now());
  }

  /** The reason why the broker takes no records now. */
  get refusal(): string | undefined {
    return this.#drain.paused ? refusalText(this.#refusal) : undefined;
  }

  /** Hands an event to the drain, and does what that decides. */
  feed(event: DrainEvent): void {
    // A birth that was on its way may end only now; nothing is to be sent after it.
    if (this.#over) return;
    for (const action of this.#drain.handle(event, performance.now())) this.#do(action);
    clearTimeout(this.#wake);
    const { wakeAt } = this.#drain;
    if (wakeAt !== undefined) {
      // A tick that comes too early does no harm.
      const wait = Math.min(LONGEST_TIMER_MS, Math.max(0, wakeAt - performance.now()));
      this.#wake = setTimeout(() => this.feed({ type: 'tick' }), wait);
    }
    if (this.#drain.idle) this.#onIdle?.();
  }

  /** Looks at what may be sent, which may have changed. */
  allow(): void {
    const allowance = this.#deps.allowance();
    if (allowance !== undefined) this.feed({ type: 'allowed', ...allowance });
  }

  /** Notes what receipts have settled. */
  received({ records, batches }: Settlement): void {
    this.#counts.confirmed += records;
    this.feed({ type: 'received', ids: batches, records });
  }

  /** Settles when everything is sent that can be. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.feed({ type: 'flush' });
    });
  }

  /** Gives back what is in flight. Nothing is carried any more. */
  end(): void {
    this.feed({ type: 'closed', tooLarge: false });
    this.#over = true;
    clearTimeout(this.#wake);
  }

  #do(action: DrainAction): void {
    const { outbox, logger } = this.#deps;
    switch (action.type) {
      case 'claim':
        void this.#claim(action);
        return;
      case 'publish':
        void this.#publish(action.id);
        return;
      case 'confirm':
        this.#counts.confirmed += this.#forget(action.id);
        outbox.confirm(action.id);
        return;
      case 'await':
        // The rows are in the outbox: the bytes are made anew where they are wanted again.
        this.#forget(action.id);
        return;
      case 'release':
        this.#forget(action.id);
        outbox.release(action.id);
        return;
      case 'reject':
        this.#counts.rejected += this.#forget(action.id);
        logger.error('record that no broker takes', { reason: refusalText(action.reasonCode) });
        outbox.reject(action.id, refusalText(action.reasonCode));
        return;
    }
  }

  #forget(id: number): number {
    const records = this.#batches.get(id)?.records ?? 0;
    this.#batches.delete(id);
    return records;
  }

  async #claim({ lane, limits }: { lane: Lane; limits: BatchLimits }): Promise<void> {
    try {
      const batch = await this.#deps.outbox.claim(lane, { ...limits, gzip: this.#deps.gzip });
      if (batch !== undefined) this.#batches.set(batch.id, batch);
      this.allow();
      const size = batch && { id: batch.id, records: batch.records, bytes: batch.payload.byteLength };
      this.feed({ type: 'claimed', lane, batch: size });
    } catch (error) {
      this.#deps.logger.error('outbox gave no batch', { reason: reasonOf(error) });
      this.feed({ type: 'claim-failed', lane });
    }
  }

  async #publish(id: number): Promise<void> {
    const batch = this.#batches.get(id);
    if (batch === undefined) return;
    this.#counts.batches += 1;
    this.#counts.bytes += batch.payload.byteLength;
    let reasonCode: number;
    try {
      ({ reasonCode } = await this.#deps.publish(batch));
    } catch {
      // The connection is gone, and says why itself.
      this.feed({ type: 'unsent', id });
      return;
    }
    this.#noteRefusal(reasonCode);
    this.allow();
    this.feed({ type: 'acked', id, reasonCode });
  }

  /** One line when the broker begins to refuse for another reason, not one a batch. */
  #noteRefusal(reasonCode: number): void {
    const refusal = reasonCode === 0 ? undefined : reasonCode;
    if (refusal !== undefined && refusal !== this.#refusal) {
      this.#deps.logger.warn('broker does not take records', { reason: refusalText(refusal) });
    }
    this.#refusal = refusal;
  }
}

import { encodeReceipts, RangeSet } from '../../common/protocol/index.ts';
import type { Delivery } from './record-account.ts';

/** The time, in ms, between two receipts: batches of that time share one. */
const GATHER = 200;

/** Publishes a receipt; rejects where the broker did not take it. */
export type SendReceipt = (payload: Uint8Array) => Promise<unknown>;

/**
 * Confirms batches to their device, many with one message. What could not be sent is dropped: the device sends again.
 */
export class ReceiptSender {
  readonly #send: SendReceipt;
  readonly #gathered = new Map<string, RangeSet>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<unknown> = Promise.resolve();

  constructor(send: SendReceipt) {
    this.#send = send;
  }

  /** Confirms records of a boot, also such as came before: the device has not heard of the first receipt. */
  add(boot: string, kept: readonly Delivery[]): void {
    if (kept.length === 0) return;
    const had = this.#gathered.get(boot) ?? new RangeSet();
    this.#gathered.set(boot, had);
    for (const { record } of kept) had.add(record.seq);
    this.#timer ??= setTimeout(() => this.#flush(), GATHER);
  }

  /** Sends what was gathered. Settles when it is sent, or cannot be. */
  async close(): Promise<void> {
    this.#flush();
    await this.#sending;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const messages = Array.from(this.#gathered, ([boot, { ranges }]) => encodeReceipts(boot, ranges)).flat();
    this.#gathered.clear();
    this.#sending = Promise.allSettled(messages.map((message) => this.#send(message)));
  }
}

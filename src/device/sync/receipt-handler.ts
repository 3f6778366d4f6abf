import { type Logger, reasonOf } from '../../common/core/index.ts';
import type { Message } from '../../common/link/index.ts';
import { decodeReceipt, type Receipt } from '../../common/protocol/index.ts';
import type { OutboxPort } from './ports.ts';

/** Most bytes of a receipt: one of 1,000 ranges is 40 KB. */
export const MAX_RECEIPT_BYTES = 64 * 1024;
/** Receipts that the outbox has not answered: with more the disk is stalled, and what is refused comes again. */
const MAX_UNANSWERED = 100;

/** Takes what consumers send as receipts; refuses nonsense, counts it by reason, and logs it once a reason. */
export class ReceiptHandler {
  readonly #outbox: OutboxPort;
  readonly #logger: Logger;
  readonly #refused = new Map<string, number>();
  #unanswered = 0;

  constructor(outbox: OutboxPort, logger: Logger) {
    this.#outbox = outbox;
    this.#logger = logger;
  }

  /** How many messages or ranges were refused, by reason. */
  get refused(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refused);
  }

  /** Takes a message of the topic `receipt`. */
  take({ payload, retain, oversized }: Message): void {
    // A retained receipt would come again at every connect, and confirm what was never sent.
    if (retain) this.#refuse('retained');
    else if (oversized !== undefined) this.#refuse('oversized', `${oversized} bytes`);
    else if (this.#unanswered >= MAX_UNANSWERED) this.#refuse('too-many');
    else {
      const receipt = this.#decode(payload);
      if (receipt !== undefined) void this.#note(receipt);
    }
  }

  #decode(payload: Uint8Array): Receipt | undefined {
    try {
      return decodeReceipt(payload);
    } catch (error) {
      this.#refuse('malformed', reasonOf(error));
      return undefined;
    }
  }

  async #note(receipt: Receipt): Promise<void> {
    this.#unanswered += 1;
    try {
      const verdict = await this.#outbox.noteReceipt(receipt);
      for (const [reason, ranges] of Object.entries(verdict)) this.#refuse(reason, `boot ${receipt.boot}`, ranges);
    } catch (error) {
      this.#logger.debug('receipt not noted', { reason: reasonOf(error) });
    } finally {
      this.#unanswered -= 1;
    }
  }

  #refuse(reason: string, detail?: string, count = 1): void {
    if (!this.#refused.has(reason)) this.#logger.warn('receipt refused, further ones are counted', { reason, detail });
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + count);
  }
}

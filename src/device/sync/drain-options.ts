import type { ReceiptOptions } from './awaited-receipts.ts';
import type { DrainOptions } from './drain-events.ts';
import type { UplinkConfig } from './schema.ts';

/** Bytes in flight, whatever the window: what memory the uplink may take. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** ms; after the broker refused records, or the outbox failed to give some. Only success resets it. */
const REFUSAL_BACKOFF = { first: 1_000, longest: 30_000, stable: Number.POSITIVE_INFINITY } as const;

/** What may be with the broker without a receipt, so that a consumer that never answers costs no memory. */
const AWAITED = { batches: 1_000, records: 100_000, bytes: 16 * 1024 * 1024 } as const;
/** ms after a connect for receipts that the broker kept for us. */
const RECEIPT_GRACE = 1_000;
/** How many times its first length the wait for a receipt becomes. */
const LONGEST_RECEIPT_TIMEOUT = 10;

/** @param topic of the records */
export function drainOptions(config: UplinkConfig, topic: string, random: () => number): DrainOptions {
  return {
    batch: { maxBytes: config.batch.size, maxRecords: config.batch.records },
    topicBytes: Buffer.byteLength(topic),
    window: config.window,
    windowBytes: WINDOW_BYTES,
    linger: config.linger,
    rate: config.backlog.rate,
    backoff: REFUSAL_BACKOFF,
    random,
    ...(config.receipts === 'required' && { receipts: receiptOptions(config.receiptTimeout) }),
  };
}

function receiptOptions(timeout: number): ReceiptOptions {
  return { ...AWAITED, timeout, longest: timeout * LONGEST_RECEIPT_TIMEOUT, grace: Math.min(RECEIPT_GRACE, timeout) };
}

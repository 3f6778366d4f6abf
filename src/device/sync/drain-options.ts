import type { ReceiptOptions } from './awaited-receipts.ts';
import type { DrainOptions } from './drain-events.ts';
import type { UplinkConfig } from './schema.ts';

/** Most bytes in flight, whatever the window: the memory that the uplink may take. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** The waits after the broker refused records, or the outbox failed to give some. Only success resets them. */
const REFUSAL_BACKOFF = { first: 1_000, longest: 30_000, stable: Number.POSITIVE_INFINITY } as const;

/** Most that may be with the broker without a receipt, so that a consumer that never answers costs no memory. */
const AWAITED = { batches: 1_000, records: 100_000, bytes: 16 * 1024 * 1024 } as const;
/** The time, in ms, after a connect for receipts that the broker kept for us. */
const RECEIPT_GRACE = 1_000;
/** The longest wait for a receipt, in lengths of the first one. */
const LONGEST_RECEIPT_TIMEOUT = 10;

/** Makes the bounds of a drain that publishes to `topic` from the configuration. */
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

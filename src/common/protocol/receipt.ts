import * as z from 'zod';
import { notAReceipt } from './errors.ts';
import { bootId, type Frozen, seq } from './fields.ts';
import type { Range } from './ranges.ts';
import { checked, type Reject, readJson } from './validate.ts';

/**
 * Most ranges of a receipt; one of more is refused: whoever keeps the books has few holes, and a device little memory.
 */
export const MAX_RECEIPT_RANGES = 1_000;

/** The schema of a message on the topic `receipt`. */
export const receiptSchema = z
  .object({
    boot: bootId(),
    ranges: z
      .array(z.tuple([seq(), seq()]))
      .min(1)
      .max(MAX_RECEIPT_RANGES)
      .describe('First and last seq of what the consumer has, both inclusive; in any order, also more than once.'),
  })
  .describe('A consumer has these records of one boot, safely: the device need not keep them.');

/** A confirmation by a consumer: ranges of seqs of one boot. */
export type Receipt = Frozen<z.output<typeof receiptSchema>>;

/** The payloads of as many receipts as the ranges need, none of them too long for a device. */
export function encodeReceipts(boot: string, ranges: readonly Range[]): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < ranges.length; at += MAX_RECEIPT_RANGES) {
    messages.push(Buffer.from(JSON.stringify({ boot, ranges: ranges.slice(at, at + MAX_RECEIPT_RANGES) })));
  }
  return messages;
}

/** Checks a message of the topic `receipt`, which is taken to be hostile. Throws `protocol.not-a-receipt`. */
export function decodeReceipt(payload: Uint8Array): Receipt {
  const reject: Reject = (reason, cause) => notAReceipt('receipt', reason, { cause });
  const receipt = checked(readJson(payload, 'receipt', reject), receiptSchema, 'receipt', reject);
  const backwards = receipt.ranges.find(([from, to]) => from > to);
  if (backwards !== undefined) throw notAReceipt('receipt', `the range ${backwards.join(' to ')} runs backwards`);
  return receipt;
}

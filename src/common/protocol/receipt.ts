import { notAReceipt } from './errors.ts';
import { MAX_RECEIPT_RANGES, type Receipt, receiptSchema } from './message-schemas.ts';
import type { Range } from './ranges.ts';
import { parseJson } from './validate.ts';

/** As many messages as the ranges need, none of them too long for a device. */
export function encodeReceipts(boot: string, ranges: readonly Range[]): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < ranges.length; at += MAX_RECEIPT_RANGES) {
    messages.push(Buffer.from(JSON.stringify({ boot, ranges: ranges.slice(at, at + MAX_RECEIPT_RANGES) })));
  }
  return messages;
}

/** Throws `protocol.not-a-receipt`. Takes what it is given to be hostile. */
export function decodeReceipt(payload: Uint8Array): Receipt {
  const receipt = parseJson(payload, receiptSchema, 'receipt', (reason, cause) =>
    notAReceipt('receipt', reason, { cause }),
  );
  const backwards = receipt.ranges.find(([from, to]) => from > to);
  if (backwards !== undefined) throw notAReceipt('receipt', `the range ${backwards.join(' to ')} runs backwards`);
  return receipt;
}

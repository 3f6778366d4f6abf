import { expect, it } from 'vitest';
import { decodeReceipt, encodeReceipts, MAX_RECEIPT_RANGES, type Range } from '../../src/common/protocol/index.ts';

const boot = 'ab'.repeat(16);
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

it('many ranges need several messages, which together say the same', () => {
  const ranges = Array.from({ length: 2 * MAX_RECEIPT_RANGES + 1 }, (_, i): Range => [3 * i + 1, 3 * i + 2]);
  const receipts = encodeReceipts(boot, ranges).map(decodeReceipt);
  expect(receipts.map((one) => one.ranges.length)).toEqual([MAX_RECEIPT_RANGES, MAX_RECEIPT_RANGES, 1]);
  expect(receipts.flatMap((one) => one.ranges)).toEqual(ranges);
});

it.each([
  ['no JSON', Buffer.from('{')],
  ['no boot', bytes({ ranges: [[1, 2]] })],
  ['another boot', bytes({ boot: 'x', ranges: [[1, 2]] })],
  ['no ranges', bytes({ boot, ranges: [] })],
  ['a range backwards', bytes({ boot, ranges: [[2, 1]] })],
  ['a range from 0', bytes({ boot, ranges: [[0, 1]] })],
  ['half a seq', bytes({ boot, ranges: [[1, 1.5]] })],
  ['a range of three', bytes({ boot, ranges: [[1, 2, 3]] })],
  ['too many ranges', bytes({ boot, ranges: Array(MAX_RECEIPT_RANGES + 1).fill([1, 1]) })],
])('is no receipt: %s', (_what, payload) => {
  expect(() => decodeReceipt(payload)).toThrow(expect.objectContaining({ code: 'protocol.not-a-receipt' }));
});

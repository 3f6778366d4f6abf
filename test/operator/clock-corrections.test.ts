import { expect, it } from 'vitest';
import { ClockCorrections, describeRecord } from '../../src/center/operator/index.ts';

const NOW = Date.UTC(2027, 2, 1, 12);
const BOOT = 'b'.repeat(32);

const step = {
  ...({ type: 'event', event: 'clock-step', t: NOW, seq: 18, clock: true } as const),
  detail: {
    ...{ boot: BOOT, from: 90_000, to: NOW, offsetMs: NOW - 90_000, wasTrusted: false, trusted: true },
    wrong: { first: 1, last: 17, since: 60_000 },
  },
};

function record(seq: number, t: number, clock = false) {
  return { type: 'event', event: 'stop', t, seq, clock, detail: {} } as const;
}

it('puts right what the wrong clock gave, and nothing else', () => {
  const corrections = new ClockCorrections();
  expect(corrections.offsetOf(BOOT, record(5, 70_000))).toBe(0);
  corrections.note(step);
  expect(corrections.offsetOf(BOOT, record(5, 70_000))).toBe(NOW - 90_000);
  expect(corrections.offsetOf('another', record(5, 70_000))).toBe(0);
  expect(corrections.offsetOf(BOOT, record(18, 70_000))).toBe(0);
  // Made in 1970 by a reading whose source knew the time.
  expect(corrections.offsetOf(BOOT, record(6, NOW - 20_000))).toBe(0);
  expect(corrections.offsetOf(BOOT, record(7, 70_000, true))).toBe(0);
});

it('shows the time as it must have been, and says so', () => {
  const described = describeRecord(record(5, 70_000), NOW - 90_000);
  expect(described.time).toBe(new Date(NOW - 20_000).toISOString());
  expect(described.text).toContain('1970-01-01T00:01:10.000Z');
  expect(describeRecord(step).text).toContain('seqs 1-17');
});

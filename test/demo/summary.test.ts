import { describe, expect, it } from 'vitest';
import { judge, summaryLines } from '../../src/tools/demo/summary.ts';

const good = {
  seconds: 30,
  readings: 1800,
  predictions: 90,
  committed: 95,
  delivered: 95,
  duplicates: 2,
  missing: 0,
  alarms: 1,
  falseAlarms: 0,
  faults: 1,
  detectionDelaySeconds: 6.5,
  queuePeak: 40,
};

describe('the end of the story', () => {
  it('is good when the alarm came, the queue drained and nothing is missing', () => {
    expect(judge(true, 1, good)).toEqual({ ok: true, ...good });
  });

  it.each([
    ['no alarm came', 1, { detectionDelaySeconds: null }, /no alarm/],
    ['the queue did not drain', 0, {}, /did not drain/],
    ['records are missing', 1, { missing: 3 }, /3 committed records/],
  ])('is bad when %s, and says so', (_name, drains, changes, reason) => {
    const summary = judge(true, drains, { ...good, ...changes });
    expect(summary.ok).toBe(false);
    expect(summary.reason).toMatch(reason);
  });

  it('owes nothing when it was interrupted', () => {
    expect(judge(false, 0, { ...good, detectionDelaySeconds: null, missing: 4 }).ok).toBe(true);
  });

  it('tells a person the books', () => {
    const text = summaryLines(judge(true, 1, good)).join('\n');
    expect(text).toMatch(/committed +95/);
    expect(text).toMatch(/delivered +95 to the consumer, 2 duplicates, 0 missing/);
  });
});

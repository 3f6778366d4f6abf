import { describe, expect, it } from 'vitest';
import type { OutboxRecord, PredictionRecord, Reading, ShadowRecord } from '../../src/common/core/index.ts';
import { Driver } from '../../src/device/runtime/driver.ts';
import { scored } from './support/held-model.ts';

const ACTING = 'a'.repeat(64);
const BESIDE = 'b'.repeat(64);
const T0 = Date.UTC(2026, 0, 1);
const ALARM = { alarms: { odd: { raise: { k: 1, n: 1 } } } };

const series = (steps: number): Reading[] =>
  Array.from({ length: steps }, (_, n) => ({ asset: 'm0', t: T0 + n * 1_000, values: { a: n } }));

function rig(challenges = true) {
  const records: OutboxRecord[] = [];
  const suppressed: number[] = [];
  const driver = new Driver(
    { record: ({ record }) => records.push(record), suppressed: (number) => suppressed.push(number) },
    () => 0,
  );
  const acting = scored(driver, { digest: ACTING, window: { count: 2 }, config: ALARM });
  driver.add(acting);
  const challenger = scored(driver, { digest: BESIDE, window: { count: 3 }, config: ALARM, beside: ACTING });
  if (challenges) driver.challenge('p', challenger);
  return { driver, records, suppressed, acting, challenger };
}

const shadows = (records: readonly OutboxRecord[]) =>
  records.filter((record): record is ShadowRecord => record.type === 'shadow');

describe('a challenger beside the model that acts', () => {
  it('says what it would say of the same readings, beside whom, and nothing follows from it', () => {
    const { driver, records, acting, challenger } = rig();
    for (const [n, reading] of series(20).entries()) {
      driver.push('s', reading, n + 1);
      for (const { model } of [challenger, acting]) model.answer();
    }
    driver.closeSummaries();
    const told = shadows(records);
    expect(told).toHaveLength(18);
    expect(told[0]).toMatchObject({
      ...{ asset: 'm0', from: T0, to: T0 + 2_000, output: { score: 1 }, decision: 'normal', beside: ACTING },
      model: { digest: BESIDE },
    });
    const { records: alone } = run();
    expect(records.filter(({ type }) => type !== 'shadow')).toEqual(alone);
  });

  it('holds back neither the answers of the other nor the place in the source', () => {
    const { driver, records, acting } = rig();
    const closed = series(20).map((reading, n) => driver.push('s', reading, n + 1));
    acting.model.answer();
    expect(records.filter(({ type }) => type === 'prediction')).toHaveLength(19);
    expect(closed.reduce((sum, windows) => sum + windows, 0)).toBe(19);
    expect(driver.credit()).toBeUndefined();
  });

  it('gives way to another one, and ends', () => {
    const { driver, records, acting, challenger } = rig();
    const all = series(20);
    for (const reading of all.slice(0, 10)) driver.push('s', reading, 1);
    challenger.model.answer();
    expect(driver.challengers).toEqual([challenger]);
    expect(driver.challenge('p', undefined)).toBe(challenger);
    for (const reading of all.slice(10)) driver.push('s', reading, 1);
    for (const { model } of [challenger, acting]) model.answer();
    expect(shadows(records)).toHaveLength(8);
    expect(driver.challengers).toEqual([]);
  });

  it('tells nothing twice that was told before a start', () => {
    const { driver, records, challenger } = rig();
    challenger.pipeline.emitted({ asset: 'm0', type: 'shadow', from: T0, until: T0 + 10_000, ties: 1 });
    for (const reading of series(20)) driver.push('s', reading, 1);
    challenger.model.answer();
    expect(shadows(records)[0]?.to).toBe(T0 + 11_000);
  });
});

/** What is told without a challenger. */
function run(): { records: (PredictionRecord | OutboxRecord)[] } {
  const { driver, records, acting } = rig(false);
  for (const [n, reading] of series(20).entries()) {
    driver.push('s', reading, n + 1);
    acting.model.answer();
  }
  driver.closeSummaries();
  return { records };
}

import { describe, expect, it } from 'vitest';
import type { OutboxCore } from '../../src/storage/outbox/index.ts';
import {
  commitAll,
  drain,
  entry,
  lossesIn,
  NO_LIMITS,
  NOW,
  numbers,
  openCore,
  prediction,
  temporaryFolder,
} from './support/outbox.ts';

const HOUR = 3600e3;
const SECOND = 1000;

/** Lets the gateway run: the store thread looks every second. */
function run(core: OutboxCore, from: number, hours: number): number {
  const until = from + hours * HOUR;
  for (let now = from; now <= until; now += 5 * SECOND) core.maintain(now);
  while (core.maintain(until));
  return until;
}

function predictionsOf(core: OutboxCore) {
  return core.stats(NOW).ledger.find(({ type }) => type === 'prediction');
}

describe('records that nobody fetched for longer than they are kept', () => {
  it('give way, alarms too, and a loss record says so', () => {
    const core = openCore({ retain: 3 * HOUR });
    core.append([prediction(0), prediction(1), entry(2, { type: 'alarm', urgent: true })]);
    commitAll(core);
    let now = run(core, NOW, 2);
    core.append([prediction(3)]);
    commitAll(core, now);
    now = run(core, now, 1.5);
    expect(predictionsOf(core)).toMatchObject({ dropped: 2, pending: 1 });
    const batches = [...drain(core, 'urgent'), ...drain(core, 'backlog')];
    expect(numbers(batches)).toEqual([3]);
    expect(lossesIn(batches)).toMatchObject([{ cause: 'retain', first: 1, last: 4 }]);
    expect(lossesIn(batches)[0]?.counts).toContainEqual({ pipeline: 'pump', type: 'alarm', dropped: 1 });
    core.close(now);
  });

  it.each([
    ['set years ahead', 10 * 365 * 24 * HOUR],
    ['set back to 1970', -NOW],
  ])('are not older because of a clock that is %s', (_, step) => {
    const core = openCore({ retain: 3 * HOUR });
    core.append([prediction(0), entry(1, { type: 'alarm', urgent: true })]);
    commitAll(core);
    const now = run(core, NOW, 1) + step;
    run(core, now, 1);
    expect(predictionsOf(core)).toMatchObject({ dropped: 0, pending: 1 });
    run(core, now + HOUR, 1.5);
    expect(predictionsOf(core)).toMatchObject({ dropped: 1, pending: 0 });
    core.close(now);
  });

  it('are not older after a week without power, which are no hours in which they could have been sent', () => {
    const path = temporaryFolder();
    const before = openCore({ path, retain: 3 * HOUR });
    before.append([prediction(0)]);
    commitAll(before);
    const now = run(before, NOW, 2);
    before.close(now);
    const later = now + 7 * 24 * HOUR;
    const core = openCore({ path, retain: 3 * HOUR }, later);
    run(core, later, 0.5);
    expect(predictionsOf(core)).toMatchObject({ pending: 1 });
    run(core, later + HOUR, 1.5);
    expect(predictionsOf(core)).toMatchObject({ dropped: 1, pending: 0 });
    core.close(later);
  });

  it('but were confirmed just before are confirmed, alarms too', () => {
    const core = openCore({ retain: 3 * HOUR });
    core.append([prediction(0), entry(1, { type: 'alarm', urgent: true })]);
    commitAll(core);
    const now = run(core, NOW, 2.9);
    core.append([prediction(2)]);
    commitAll(core, now);
    const claimed = [core.claim('urgent', NO_LIMITS), core.claim('backlog', { ...NO_LIMITS, maxRecords: 1 })];
    for (const { id } of claimed.filter((batch) => batch !== undefined)) core.confirm(id);
    const end = run(core, now, 1);
    commitAll(core, end);
    const { ledger } = core.stats(end);
    expect(ledger.find(({ type }) => type === 'alarm')).toMatchObject({ acked: 1, dropped: 0, pending: 0 });
    expect(predictionsOf(core)).toMatchObject({ acked: 1, dropped: 0, pending: 1 });
    core.close(end);
  });

  it('say how long they still stay, where that ends before the room does', () => {
    const core = openCore({ retain: 3 * HOUR });
    core.append([prediction(0)]);
    commitAll(core, NOW + SECOND);
    const now = run(core, NOW + SECOND, 1);
    const { hoursLeft, limit } = core.stats(now);
    expect(limit).toBe('retain');
    expect(hoursLeft).toBeGreaterThan(1.9);
    expect(hoursLeft).toBeLessThanOrEqual(2.1);
    core.close(now);
  });
});

import { describe, expect, it } from 'vitest';
import type { Lane } from '../../src/common/core/index.ts';
import type { OutboxCore } from '../../src/storage/outbox/index.ts';
import {
  commitAll,
  drain,
  entries,
  entry,
  idsIn,
  NO_LIMITS,
  NOW,
  numbers,
  openCore,
  temporaryFolder,
  unpack,
} from './support/outbox.ts';

function add(core: OutboxCore, from: number, to: number): void {
  core.append(entries(from, to));
  commitAll(core);
}

const waiting = (core: OutboxCore, lane: Lane) => numbers(drain(core, lane));

describe('live and backlog', () => {
  it('are parted by the moment at which the link began to stand', () => {
    const core = openCore();
    add(core, 0, 5);
    core.beginLive();
    add(core, 5, 8);
    expect(waiting(core, 'live')).toEqual([5, 6, 7]);
    expect(waiting(core, 'backlog')).toEqual([0, 1, 2, 3, 4]);
  });

  it('what was live and did not get through is backlog for the next connection', () => {
    const core = openCore();
    core.beginLive();
    add(core, 0, 3);
    const batch = core.claim('live', NO_LIMITS);
    core.release(batch?.id ?? 0);
    core.beginLive();
    add(core, 3, 4);
    expect(waiting(core, 'live')).toEqual([3]);
    expect(waiting(core, 'backlog')).toEqual([0, 1, 2]);
  });

  it('a live batch that comes back stays live', () => {
    const core = openCore();
    core.beginLive();
    add(core, 0, 3);
    core.release(core.claim('live', NO_LIMITS)?.id ?? 0);
    expect(core.claim('backlog', NO_LIMITS)).toBeUndefined();
    expect(waiting(core, 'live')).toEqual([0, 1, 2]);
  });
});

describe('a batch of the backlog', () => {
  const withAlarms = () => {
    const core = openCore();
    drain(core, 'urgent');
    drain(core, 'backlog');
    core.append(Array.from({ length: 30 }, (_, n) => entry(n, { urgent: n % 5 === 2 })));
    commitAll(core);
    return core;
  };
  const claimed = (core: OutboxCore, limits: Partial<typeof NO_LIMITS> = {}) => {
    const batch = core.claim('backlog', { ...NO_LIMITS, ...limits });
    return batch === undefined ? [] : numbers([unpack(batch)]);
  };
  const calm = Array.from({ length: 30 }, (_, n) => n).filter((n) => n % 5 !== 2);

  it('is not cut by alarms that were sent before it', () => {
    const core = withAlarms();
    drain(core, 'urgent');
    commitAll(core);
    expect(claimed(core)).toEqual(calm);
  });

  it('ends before rows that another one has', () => {
    const core = withAlarms();
    drain(core, 'urgent');
    commitAll(core);
    const first = core.claim('backlog', { ...NO_LIMITS, maxRecords: 5 });
    expect(claimed(core, { maxRecords: 5 })).toEqual([5, 6, 8, 9]);
    core.release(first?.id ?? 0);
    expect(claimed(core)).toEqual([0, 1, 3, 4]);
    expect(claimed(core)).toEqual(calm.filter((n) => n > 9));
  });

  it('ends before rows that were confirmed', () => {
    const core = withAlarms();
    drain(core, 'urgent');
    const skipped = core.claim('backlog', { ...NO_LIMITS, maxRecords: 10 });
    const confirmed = core.claim('backlog', { ...NO_LIMITS, maxRecords: 10 });
    core.confirm(confirmed?.id ?? 0);
    commitAll(core);
    core.release(skipped?.id ?? 0);
    expect(claimed(core)).toEqual(calm.filter((n) => n < 10));
    expect(claimed(core)).toEqual(calm.filter((n) => n >= 20));
  });
});

describe('confirmed urgent records', () => {
  it('are kept for their time, offered again on request within it, and deleted after it', () => {
    const path = temporaryFolder();
    const core = openCore({ path, keepAcked: 16_000 });
    drain(core, 'urgent');
    core.append(entries(0, 4, { type: 'alarm', urgent: true }));
    commitAll(core);
    expect(waiting(core, 'urgent')).toEqual([0, 1, 2, 3]);
    commitAll(core);
    expect(core.resend({ boot: core.opened.boot, from: 2, to: 5 })).toEqual({ sending: 4, waiting: 0, gone: 0 });
    expect(waiting(core, 'again')).toEqual([0, 1, 2, 3]);
    // The newest row stays, since its id is what the next one builds on.
    core.append(entries(4, 5));
    commitAll(core, NOW + 20_000);
    while (core.maintain(NOW + 20_000));
    expect(core.resend({ boot: core.opened.boot, from: 2, to: 5 })).toEqual({ sending: 0, waiting: 0, gone: 4 });
    core.abandon();
    expect(idsIn(path)).toEqual([6]);
  });
});

describe('a resend', () => {
  it('offers confirmed records once more while they are kept, and leaves the ledger alone', () => {
    const core = openCore();
    add(core, 0, 10);
    waiting(core, 'urgent');
    expect(waiting(core, 'backlog').length).toBe(10);
    commitAll(core);
    const { ledger } = core.stats(NOW);
    const { boot } = core.opened;
    expect(core.resend({ boot, from: 3, to: 6 })).toEqual({ sending: 4, waiting: 0, gone: 0 });
    expect(waiting(core, 'again')).toEqual([1, 2, 3, 4]);
    expect(core.claim('again', NO_LIMITS)).toBeUndefined();
    expect([core.dirty, core.stats(NOW).ledger]).toEqual([false, ledger]);
  });

  it('says what waits anyway and what is gone', () => {
    const path = temporaryFolder();
    const first = openCore({ path, keepAcked: 1_000 });
    add(first, 0, 10);
    waiting(first, 'backlog');
    commitAll(first);
    first.abandon();
    const core = openCore({ path, keepAcked: 1_000 }, NOW + 500);
    const { boot } = first.opened;
    expect(core.resend({ boot, from: 1, to: 11 })).toEqual({ sending: 10, waiting: 1, gone: 0 });
    while (core.maintain(NOW + 5_000));
    expect(core.resend({ boot, from: 1, to: 11 })).toEqual({ sending: 0, waiting: 1, gone: 10 });
    expect(core.claim('again', NO_LIMITS)).toBeUndefined();
    expect(core.resend({ boot: '0'.repeat(32), from: 1, to: 3 })).toEqual({ sending: 0, waiting: 0, gone: 3 });
  });

  it('a batch that did not get through is offered again', () => {
    const core = openCore();
    add(core, 0, 4);
    waiting(core, 'backlog');
    commitAll(core);
    core.resend({ boot: core.opened.boot, from: 2, to: 5 });
    core.release(core.claim('again', { ...NO_LIMITS, maxRecords: 2 })?.id ?? 0);
    expect(waiting(core, 'again')).toEqual([0, 1, 2, 3]);
  });
});

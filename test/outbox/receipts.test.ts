import { describe, expect, it } from 'vitest';
import type { OutboxCore } from '../../src/storage/outbox/index.ts';
import { commitAll, entries, NO_LIMITS, NOW, numbers, openCore, temporaryFolder, unpack } from './support/outbox.ts';

/** Seqs 2 to n + 1 of the boot; 1 is the start event. */
function filled(n: number, changes: Parameters<typeof openCore>[0] = {}): OutboxCore {
  const core = openCore(changes);
  core.append(entries(0, n));
  commitAll(core);
  return core;
}

function sum(core: OutboxCore, state: 'acked' | 'pending'): number {
  return core.stats(NOW).ledger.reduce((total, row) => total + row[state], 0);
}

describe('a receipt', () => {
  it('settles the rows that it names, urgent or not, and ends their batches', () => {
    const core = filled(10);
    const { boot } = core.opened;
    const [urgent, backlog] = [core.claim('urgent', NO_LIMITS), core.claim('backlog', NO_LIMITS)];
    expect(core.noteReceipt({ boot, ranges: [[1, 11]] })).toEqual({});
    expect(core.dirty).toBe(true);
    const { received } = core.commit(NOW);
    expect(received).toEqual({ records: 11, batches: [urgent?.id, backlog?.id] });
    expect([sum(core, 'acked'), sum(core, 'pending'), core.dirty]).toEqual([11, 0, false]);
  });

  it('for a part of a batch leaves the rest to be sent again', () => {
    const core = filled(10);
    const batch = core.claim('backlog', NO_LIMITS);
    core.noteReceipt({
      boot: core.opened.boot,
      ranges: [
        [9, 11],
        [2, 4],
        [3, 3],
      ],
    });
    expect(core.commit(NOW).received).toEqual({ records: 6, batches: [] });
    core.release(batch?.id ?? 0);
    const again = core.claim('backlog', NO_LIMITS);
    expect(again && numbers([unpack(again)])).toEqual([3, 4, 5, 6]);
    core.noteReceipt({ boot: core.opened.boot, ranges: [[5, 8]] });
    expect(core.commit(NOW).received).toEqual({ records: 4, batches: [again?.id] });
  });

  it('counts a record once, however often and by whomever it is confirmed', () => {
    const core = filled(10);
    const { boot } = core.opened;
    const batch = core.claim('backlog', NO_LIMITS);
    core.noteReceipt({ boot, ranges: [[2, 5]] });
    core.commit(NOW);
    core.confirm(batch?.id ?? 0);
    core.noteReceipt({ boot, ranges: [[1, 11]] });
    expect(core.commit(NOW).received).toEqual({ records: 1, batches: [] });
    core.noteReceipt({ boot, ranges: [[1, 11]] });
    expect(core.commit(NOW).received).toEqual({ records: 0, batches: [] });
    expect([sum(core, 'acked'), sum(core, 'pending')]).toEqual([11, 0]);
  });

  it('settles what an earlier process sent', () => {
    const path = temporaryFolder();
    const first = filled(10, { path });
    first.claim('backlog', NO_LIMITS);
    first.abandon();
    const second = openCore({ path });
    expect(second.noteReceipt({ boot: first.opened.boot, ranges: [[2, 11]] })).toEqual({});
    expect(second.commit(NOW).received).toEqual({ records: 10, batches: [] });
    expect(second.claim('backlog', NO_LIMITS)).toBeUndefined();
  });

  it('of a boot that nobody knows, or of what it never gave, is refused; the rest of it counts', () => {
    const core = filled(10);
    const { boot } = core.opened;
    expect(
      core.noteReceipt({
        boot: '0'.repeat(32),
        ranges: [
          [1, 2],
          [5, 5],
        ],
      }),
    ).toEqual({ 'unknown-boot': 2 });
    expect(
      core.noteReceipt({
        boot,
        ranges: [
          [1, 2],
          [11, 12],
          [1, 9e15],
        ],
      }),
    ).toEqual({ 'not-given': 2 });
    expect(core.commit(NOW).received).toEqual({ records: 2, batches: [] });
  });

  it('of very much is worked off in pieces', () => {
    const core = filled(25_000);
    core.noteReceipt({ boot: core.opened.boot, ranges: [[1, 25_001]] });
    const pieces = [];
    for (let more = true; more; ) {
      const result = core.commit(NOW);
      pieces.push(result.received.records);
      more = result.more;
    }
    expect(pieces).toEqual([20_000, 5_001]);
  });
});

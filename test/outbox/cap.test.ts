import { describe, expect, it } from 'vitest';
import type { OutboxCore } from '../../src/storage/outbox/index.ts';
import {
  type Batch,
  bytesOnDisk,
  commitAll,
  drain,
  entry,
  lossesIn,
  NO_LIMITS,
  NOW,
  openCore,
  temporaryFolder,
} from './support/outbox.ts';

const MIB = 1 << 20;

function big(n: number, bytes: number, urgent = false) {
  return entry(n, { urgent, body: `{"type":"prediction","t":${NOW + n},"n":${n},"x":"${'x'.repeat(bytes)}"}` });
}

/** Commits records of about this size until `total` bytes went in, and returns the most bytes there were on disk. */
function flood(core: OutboxCore, path: string, total: number, bytes: number, urgentEvery = 0): number {
  let most = 0;
  const count = Math.ceil(total / bytes);
  for (let n = 0; n < count; n += 1) {
    core.append([big(n, bytes, urgentEvery > 0 && n % urgentEvery === 0)]);
    if (n % 50 !== 49 && n !== count - 1) continue;
    do {
      most = Math.max(most, bytesOnDisk(path));
    } while (core.commit(NOW + n).more);
    most = Math.max(most, bytesOnDisk(path));
  }
  return most;
}

function expectBalanced(core: OutboxCore): void {
  for (const row of core.stats(NOW).ledger) {
    const { committed, acked, pending, dead, folded, dropped, unreadable } = row;
    expect(acked + pending + dead + folded + dropped + unreadable).toBe(committed);
  }
}

/** Seqs of this boot that are neither in a batch nor in the range of a loss record. */
function unaccounted(batches: readonly Batch[], boot: string, last: number): number[] {
  const seen = new Set(batches.flatMap((batch) => (batch.boot === boot ? batch.records.map(({ seq }) => seq) : [])));
  const losses = lossesIn(batches).filter((loss) => loss.boot === boot);
  return Array.from({ length: last }, (_, index) => index + 1).filter(
    (seq) => !seen.has(seq) && !losses.some((loss) => loss.first <= seq && seq <= loss.last),
  );
}

describe('the cap', () => {
  it.each([
    ['small records', MIB, 300],
    ['records of half a page', 2 * MIB, 2100],
    ['records of many pages', 4 * MIB, 40_000],
  ])('holds on disk at every moment, and every seq is accounted for: %s', (_, max, size) => {
    const path = temporaryFolder();
    const core = openCore({ path, max });
    expect(flood(core, path, 4 * max, size)).toBeLessThanOrEqual(max);
    expectBalanced(core);
    const { seq, ledger } = core.stats(NOW);
    const dropped = ledger.reduce((sum, row) => sum + row.dropped, 0);
    expect(dropped).toBeGreaterThan(0);
    const batches = [
      ...drain(core, 'urgent', NO_LIMITS),
      ...drain(core, 'backlog', { ...NO_LIMITS, maxBytes: 8 * MIB }),
    ];
    expect(unaccounted(batches, core.opened.boot, seq)).toEqual([]);
    // Nothing was confirmed while it was full, so one loss record was enough.
    const losses = lossesIn(batches);
    expect(losses).toHaveLength(1);
    expect(losses[0]?.counts).toEqual([{ pipeline: 'pump', type: 'prediction', dropped }]);
    expect(losses[0]).toMatchObject({ from: NOW, to: NOW + dropped - 1, cause: 'outbox-full' });
    core.close(NOW);
  });

  it('uses most of its room for records', () => {
    const path = temporaryFolder();
    const max = 8 * MIB;
    const core = openCore({ path, max });
    flood(core, path, 2 * max, 400);
    expect(core.stats(NOW).pending * big(0, 400).body.length).toBeGreaterThan(0.7 * max);
    core.close(NOW);
  });

  it('takes confirmed rows before any that wait', () => {
    const path = temporaryFolder();
    const max = 2 * MIB;
    const core = openCore({ path, max });
    flood(core, path, 1 * MIB, 400);
    drain(core, 'backlog');
    commitAll(core);
    expect(flood(core, path, 0.75 * MIB, 400)).toBeLessThanOrEqual(max);
    expect(core.stats(NOW).ledger.map(({ dropped }) => dropped)).toEqual([0, 0]);
    core.close(NOW);
  });

  it('takes the backlog before urgent records, and in the end those too', () => {
    const path = temporaryFolder();
    const max = 2 * MIB;
    const core = openCore({ path, max });
    flood(core, path, 3 * max, 400, 20);
    const before = core.stats(NOW).seq;
    expect(drain(core, 'urgent').flatMap(({ records }) => records).length).toBeGreaterThan(before / 20);
    const other = openCore({ path: temporaryFolder(), max });
    for (let n = 0; n < 10_000; n += 1) {
      other.append([big(n, 400, true)]);
      if (n % 100 === 99) commitAll(other, NOW + n);
    }
    expectBalanced(other);
    const { seq, ledger } = other.stats(NOW);
    expect(ledger.reduce((sum, { dropped }) => sum + dropped, 0)).toBeGreaterThan(3_000);
    expect(unaccounted(drain(other, 'urgent'), other.opened.boot, seq)).toEqual([]);
    core.close(NOW);
    other.close(NOW);
  });

  it('forgets a batch in flight rather than grow; confirming it then means nothing', () => {
    const path = temporaryFolder();
    const max = MIB;
    const core = openCore({ path, max });
    const batches: number[] = [];
    for (let n = 0; n < 60_000; n += 1) {
      core.append([big(n, 100)]);
      if (n % 500 !== 499) continue;
      commitAll(core, NOW + n);
      const claimed = core.claim('backlog', { maxBytes: MIB, maxRecords: 500, gzip: true });
      if (claimed !== undefined) batches.push(claimed.id);
    }
    expect(bytesOnDisk(path)).toBeLessThanOrEqual(max);
    for (const id of batches) core.confirm(id);
    commitAll(core);
    expectBalanced(core);
    const { ledger } = core.stats(NOW);
    const predictions = ledger.find(({ type }) => type === 'prediction');
    expect(predictions?.acked).toBeLessThan(500 * batches.length);
    expect(predictions?.dropped).toBeGreaterThan(0);
    core.close(NOW);
  });

  it('lets a loss record stand once somebody has it, and begins another', () => {
    const path = temporaryFolder();
    const max = MIB;
    const core = openCore({ path, max });
    flood(core, path, 2 * max, 400);
    const [first] = lossesIn(drain(core, 'urgent'));
    flood(core, path, 2 * max, 400);
    const [second] = lossesIn(drain(core, 'urgent'));
    expect(second?.first).toBeGreaterThan(first?.last ?? Number.POSITIVE_INFINITY);
    const dropped = core.stats(NOW).ledger.reduce((sum, row) => sum + row.dropped, 0);
    const told = [first, second].flatMap((loss) => loss?.counts.map((count) => count.dropped ?? 0) ?? []);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(dropped);
    core.close(NOW);
  });

  it('tells the losses of older boots under their own ids', () => {
    const path = temporaryFolder();
    const max = 2 * MIB;
    const older = [0, 1, 2].map(() => {
      const core = openCore({ path, max });
      flood(core, path, MIB / 4, 400);
      const { seq, boot } = core.stats(NOW);
      core.abandon();
      return { seq, boot };
    });
    const core = openCore({ path, max });
    flood(core, path, 3 * max, 400);
    const batches = [...drain(core, 'urgent'), ...drain(core, 'backlog')];
    for (const { boot, seq } of older) expect(unaccounted(batches, boot, seq)).toEqual([]);
    expect(new Set(lossesIn(batches).map(({ boot }) => boot))).toEqual(
      new Set([...older.map(({ boot }) => boot), core.opened.boot]),
    );
    core.close(NOW);
  });

  it('is kept by a file from before it was lowered, after some idle work', () => {
    const path = temporaryFolder();
    const before = openCore({ path, max: 8 * MIB });
    flood(before, path, 6 * MIB, 400);
    before.close(NOW);
    const core = openCore({ path, max: 2 * MIB });
    core.append([big(0, 400)]);
    commitAll(core);
    while (core.maintain(NOW));
    expect(flood(core, path, MIB, 400)).toBeLessThanOrEqual(2 * MIB);
    const { seq, boot } = core.stats(NOW);
    const batches = [...drain(core, 'urgent'), ...drain(core, 'backlog')];
    expect(unaccounted(batches, boot, seq)).toEqual([]);
    expect(unaccounted(batches, before.opened.boot, core.opened.previous?.lastSeq ?? 0)).toEqual([]);
    core.close(NOW);
  });

  it('gives the disk back once the backlog is gone', () => {
    const path = temporaryFolder();
    const core = openCore({ path, max: 16 * MIB, keepAcked: 0 });
    flood(core, path, 8 * MIB, 400);
    const full = bytesOnDisk(path);
    drain(core, 'backlog');
    commitAll(core, NOW + 1);
    while (core.maintain(NOW + 2));
    core.close(NOW + 3);
    expect(bytesOnDisk(path)).toBeLessThan(full / 4);
  });
});

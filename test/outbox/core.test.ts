import { describe, expect, it } from 'vitest';
import {
  commitAll,
  drain,
  entries,
  entry,
  idsIn,
  lossesIn,
  NO_LIMITS,
  NOW,
  numbers,
  openCore,
  temporaryFolder,
  unpack,
} from './support/outbox.ts';

describe('a boot', () => {
  it('begins with an event that tells the one before, and whether it ended in order', () => {
    const path = temporaryFolder();
    const first = openCore({ path });
    first.append(entries(0, 3));
    commitAll(first);
    first.close(NOW);
    const second = openCore({ path, detail: { version: '1.2.3' } });
    second.append([entry(3)]);
    commitAll(second);
    second.abandon();
    const third = openCore({ path });

    const starts = drain(third, 'urgent')
      .flatMap(({ boot, records }) => records.map((record) => ({ boot, record })))
      .filter(({ record }) => record.type === 'event' && record.event === 'start')
      .map(({ boot, record }) => ({ boot, seq: record.seq, detail: record.type === 'event' ? record.detail : {} }));
    const none = { previousBoot: null, previousLastSeq: null, endedInOrder: null };
    const afterFirst = { previousBoot: first.opened.boot, previousLastSeq: 5, endedInOrder: true, version: '1.2.3' };
    const afterSecond = {
      previousBoot: second.opened.boot,
      previousLastSeq: 2,
      endedInOrder: false,
      lastCommitAt: null,
    };
    expect(starts).toEqual([
      { boot: third.opened.boot, seq: 1, detail: afterSecond },
      { boot: second.opened.boot, seq: 1, detail: afterFirst },
      { boot: first.opened.boot, seq: 1, detail: none },
    ]);
    expect(third.opened.previous).toEqual({ boot: second.opened.boot, lastSeq: 2, endedInOrder: false });
    third.close(NOW);
  });

  it('never reuses an id, though every record of the one before is confirmed and gone', () => {
    const path = temporaryFolder();
    const first = openCore({ path, keepAcked: 0 });
    first.append(entries(0, 50));
    commitAll(first);
    drain(first, 'backlog');
    drain(first, 'urgent');
    commitAll(first, NOW + 1);
    while (first.maintain(NOW + 2));
    first.abandon();
    const second = openCore({ path, keepAcked: 0 });
    expect(second.opened.previous).toEqual({ boot: first.opened.boot, lastSeq: 51, endedInOrder: false });
    second.append([entry(50)]);
    commitAll(second);
    const [batch] = drain(second, 'backlog');
    expect(batch).toMatchObject({ boot: second.opened.boot, first: 2, last: 2 });
    second.close(NOW);
  });

  it('gives its source positions back only with the records that cover them', () => {
    const path = temporaryFolder();
    const core = openCore({ path });
    core.append([entry(0)], { source: 'rig', position: 'row 1' });
    commitAll(core);
    core.append([entry(1)], { source: 'rig', position: 'row 2' });
    core.abandon();
    const next = openCore({ path });
    expect(next.opened.positions).toEqual({ rig: 'row 1' });
    expect(numbers(drain(next, 'backlog'))).toEqual([0]);
    next.close(NOW);
  });

  it('is marked untrusted in its records while the clock is before the build', () => {
    const core = openCore({ trustedSince: NOW + 1 });
    const [batch] = drain(core, 'urgent');
    expect(batch?.records[0]?.clock).toBe(false);
    core.close(NOW);
  });
});

describe('a claim', () => {
  it('seals the records as they were given, with seq and clock', () => {
    const core = openCore();
    const body = '{"type":"prediction","t":5,"asset":"Öl-Kühler \\u0000 \\"1\\"","emoji":"🏭"}';
    core.append([entry(0, { body, clock: false }), entry(1)]);
    commitAll(core);
    const claimed = core.claim('backlog', NO_LIMITS);
    const { boot } = core.opened;
    expect(claimed).toMatchObject({ lane: 'backlog', records: 2, contentType: 'application/json' });
    expect(claimed && unpack(claimed)).toEqual({
      schema: 'edgewright.records/1',
      site: 'plant',
      device: 'gw-1',
      boot,
      first: 2,
      last: 3,
      records: [
        { seq: 2, clock: false, ...JSON.parse(body) },
        { seq: 3, clock: true, ...JSON.parse(entry(1).body) },
      ],
    });
    core.close(NOW);
  });

  it('of the backlog is oldest first, boot by boot, each under its own id', () => {
    const path = temporaryFolder();
    const boots: string[] = [];
    for (let run = 0; run < 3; run += 1) {
      const core = openCore({ path });
      boots.push(core.opened.boot);
      core.append(entries(run * 10, run * 10 + 10));
      commitAll(core);
      core.abandon();
    }
    const core = openCore({ path });
    const batches = drain(core, 'backlog');
    expect(batches.map(({ boot, first, last }) => ({ boot, first, last }))).toEqual(
      boots.map((boot) => ({ boot, first: 2, last: 11 })),
    );
    expect(numbers(batches)).toEqual(Array.from({ length: 30 }, (_, index) => index));
    core.close(NOW);
  });

  it('of the urgent lane is newest first, and leaves the backlog alone', () => {
    const core = openCore();
    for (let n = 0; n < 12; n += 1) core.append([entry(n, { urgent: n % 3 === 0 })]);
    commitAll(core);
    const limits = { ...NO_LIMITS, maxRecords: 2 };
    expect(drain(core, 'urgent', limits).map((batch) => numbers([batch]))).toEqual([[6, 9], [0, 3], []]);
    expect(numbers(drain(core, 'backlog'))).toEqual([1, 2, 4, 5, 7, 8, 10, 11]);
    core.close(NOW);
  });

  it('keeps to its limits, packed or not, whatever the sizes', () => {
    const core = openCore();
    const noise = (n: number) =>
      Array.from({ length: (n * 37) % 700 }, (_, i) => ((n * 31 + i * 17) % 36).toString(36)).join('');
    core.append(
      Array.from({ length: 400 }, (_, n) =>
        entry(n, { body: JSON.stringify({ type: 'prediction', t: n, n, noise: noise(n) }) }),
      ),
    );
    commitAll(core);
    const seen: number[] = [];
    for (let turn = 0; ; turn += 1) {
      const limits = { maxBytes: 3000 + turn * 100, maxRecords: 60, gzip: turn % 2 === 0 };
      const claimed = core.claim('backlog', limits);
      if (claimed === undefined) break;
      expect(claimed.payload.length).toBeLessThanOrEqual(limits.maxBytes);
      const batch = unpack(claimed);
      expect(batch.records).toHaveLength(claimed.records);
      expect(claimed.records).toBeLessThanOrEqual(limits.maxRecords);
      seen.push(...numbers([batch]));
      core.confirm(claimed.id);
    }
    expect(seen).toEqual(Array.from({ length: 400 }, (_, n) => n));
    core.close(NOW);
  });

  it('packs what is alike far beyond the size it has unpacked', () => {
    const core = openCore();
    core.append(entries(0, 3000));
    commitAll(core);
    const limits = { maxBytes: 8192, maxRecords: 2000, gzip: true };
    const batches = drain(core, 'backlog', limits);
    expect(JSON.stringify(batches.at(-2)).length).toBeGreaterThan(2 * limits.maxBytes);
    core.close(NOW);
  });

  it('is not made twice, until it is released', () => {
    const core = openCore();
    core.append([...entries(0, 6), entry(6, { urgent: true })]);
    commitAll(core);
    drain(core, 'urgent');
    const two = { ...NO_LIMITS, maxRecords: 2 };
    const first = core.claim('backlog', two);
    const second = core.claim('backlog', two);
    if (first !== undefined) core.release(first.id);
    if (second !== undefined) core.confirm(second.id);
    expect(numbers(drain(core, 'backlog', two))).toEqual([0, 1, 4, 5]);
    core.close(NOW);
  });

  it('that is refused as too large comes again in halves, and a single record is dead and told', () => {
    const core = openCore();
    core.append(entries(0, 8));
    commitAll(core);
    drain(core, 'urgent');
    const sizes: number[] = [];
    for (let claimed = core.claim('backlog', NO_LIMITS); claimed; claimed = core.claim('backlog', NO_LIMITS)) {
      sizes.push(claimed.records);
      if (numbers([unpack(claimed)]).includes(5)) core.reject(claimed.id);
      else core.confirm(claimed.id);
    }
    expect(sizes[0]).toBe(8);
    expect(sizes.filter((size) => size === 1).length).toBeGreaterThan(0);
    commitAll(core);
    expect(core.stats(NOW).ledger.find(({ type }) => type === 'prediction')).toMatchObject({ acked: 7, dead: 1 });
    expect(lossesIn(drain(core, 'urgent'))).toMatchObject([
      { cause: 'too-large', boot: core.opened.boot, first: 7, last: 7, from: NOW + 5, to: NOW + 5 },
    ]);
    core.close(NOW);
  });
});

describe('what is confirmed', () => {
  it('is claimable again after a crash before the confirmation was written, and not after', () => {
    const path = temporaryFolder();
    const core = openCore({ path });
    core.append(entries(0, 4));
    commitAll(core);
    const two = { ...NO_LIMITS, maxRecords: 2 };
    const [first, second] = [core.claim('backlog', two), core.claim('backlog', two)];
    if (first !== undefined) core.confirm(first.id);
    commitAll(core);
    if (second !== undefined) core.confirm(second.id);
    core.abandon();
    const next = openCore({ path });
    expect(numbers(drain(next, 'backlog'))).toEqual([2, 3]);
    next.close(NOW);
  });

  it('stays for its time and is then deleted, waiting neighbours excepted', () => {
    const path = temporaryFolder();
    const keepAcked = 10_000;
    const core = openCore({ path, keepAcked });
    core.append(Array.from({ length: 400 }, (_, n) => entry(n, { urgent: n % 50 === 0 })));
    commitAll(core);
    drain(core, 'backlog');
    commitAll(core);
    while (core.maintain(NOW + keepAcked - 1));
    core.abandon();
    expect(idsIn(path)).toHaveLength(401);

    const later = openCore({ path, keepAcked }, NOW + keepAcked);
    while (later.maintain(NOW + 2 * keepAcked));
    later.abandon();
    // The two start events and every fiftieth are waiting.
    expect(idsIn(path)).toEqual([1, 2, 52, 102, 152, 202, 252, 302, 352, 402]);
  });

  it('counts in the ledger for good, per pipeline and type', () => {
    const path = temporaryFolder();
    const core = openCore({ path, keepAcked: 0 });
    core.append([...entries(0, 5), ...entries(5, 7, { pipeline: 'fan' }), entry(7, { type: 'summary' })]);
    commitAll(core);
    drain(core, 'backlog', { ...NO_LIMITS, maxRecords: 6 });
    core.append([entry(8)]);
    commitAll(core, NOW + 1);
    core.close(NOW + 2);
    const next = openCore({ path, keepAcked: 0 });
    const none = { dead: 0, folded: 0, dropped: 0, unreadable: 0 };
    expect(next.stats(NOW).ledger).toEqual([
      { pipeline: '-', type: 'event', committed: 3, acked: 0, pending: 3, ...none },
      { pipeline: 'pump', type: 'prediction', committed: 6, acked: 5, pending: 1, ...none },
      { pipeline: 'fan', type: 'prediction', committed: 2, acked: 2, pending: 0, ...none },
      { pipeline: 'pump', type: 'summary', committed: 1, acked: 1, pending: 0, ...none },
    ]);
    next.close(NOW);
  });
});

describe('a record without a usable time', () => {
  it('does not hold up the others', () => {
    const core = openCore();
    core.append([entry(0, { t: Number.NaN }), entry(1, { t: Number.POSITIVE_INFINITY }), entry(2)]);
    commitAll(core);
    expect(numbers(drain(core, 'backlog'))).toEqual([0, 1, 2]);
    core.close(NOW);
  });
});

describe('a record beyond the size that is stored', () => {
  it('takes a seq, is dead and told, and holds up nothing', () => {
    const path = temporaryFolder();
    const core = openCore({ path, max: 1 << 20 });
    core.append([
      entry(0),
      entry(1, { body: `{"type":"prediction","t":1,"n":1,"x":"${'x'.repeat(1 << 17)}"}` }),
      entry(2),
    ]);
    commitAll(core);
    const batches = drain(core, 'backlog');
    expect(batches.flatMap(({ records }) => records.map(({ seq }) => seq))).toEqual([2, 5]);
    expect(lossesIn(drain(core, 'urgent'))).toMatchObject([{ cause: 'too-large', first: 3, last: 3, seq: 4 }]);
    core.close(NOW);
  });
});

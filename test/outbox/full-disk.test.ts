import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/common/store/index.ts';
import { Ballast, ballastBytes } from '../../src/storage/outbox/capacity/ballast.ts';
import type { OutboxCore } from '../../src/storage/outbox/index.ts';
import { MIGRATIONS } from '../../src/storage/outbox/journal/rows/tables.ts';
import { fillUp, isRoot, smallDisk } from './support/disk.ts';
import { commitAll, drain, NO_LIMITS, NOW, numbers, openCore, prediction, temporaryFolder } from './support/outbox.ts';

const MIB = 1 << 20;
function feed(core: OutboxCore, from: number, to: number): void {
  for (let n = from; n < to; n += 1) {
    core.append([prediction(n, { pad: 300 })]);
    if (n % 50 === 49) commitAll(core, NOW + n);
  }
}

function predictionsOf(core: OutboxCore) {
  return core.stats(NOW).ledger.find(({ type }) => type === 'prediction');
}

describe('the ballast', () => {
  it('is a few MB, less of a small cap or disk, and none where it would be in the way', () => {
    const gib = 1024 * MIB;
    expect(ballastBytes(2 * gib, 32 * gib)).toBe(4 * MIB);
    expect(ballastBytes(8 * MIB, 32 * gib)).toBe(512 * 1024);
    expect(ballastBytes(2 * gib, 4 * MIB)).toBe(256 * 1024);
    expect(ballastBytes(2 * gib, MIB)).toBe(0);
  });

  it('takes its room once, gives it up once, and comes back when there is ample room', () => {
    const folder = temporaryFolder();
    const ballast = new Ballast(folder);
    ballast.restore(64 * 1024, 100 * 1024);
    expect(ballast.bytes).toBe(0);
    ballast.restore(64 * 1024, MIB);
    expect(statSync(join(folder, 'ballast')).size).toBe(64 * 1024);
    expect([ballast.giveUp(), ballast.giveUp(), ballast.bytes]).toEqual([true, false, 0]);
  });

  it('that cannot be removed gives nothing, and fails nobody', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'ballast'), { recursive: true });
    expect(new Ballast(folder).giveUp()).toBe(false);
  });
});

describe.skipIf(!isRoot)('a disk that others fill up (skipped where mounting is not allowed)', () => {
  it('is lived with: predictions are folded within the file, nothing is dropped, and all is told in the end', () => {
    const path = smallDisk();
    const core = openCore({ path, max: 2048 * MIB, freeFloor: 64 * MIB });
    core.maintain(NOW);
    feed(core, 0, 1500);
    expect(core.stats(NOW)).toMatchObject({ level: 0 });
    fillUp(path);
    feed(core, 1500, 12_000);
    const row = predictionsOf(core);
    expect(core.stats(NOW)).toMatchObject({ limit: 'disk' });
    expect(core.stats(NOW).level).toBeGreaterThan(0);
    expect(row?.folded).toBeGreaterThan(0);
    expect(row?.dropped).toBe(0);
    rmSync(join(path, 'filler'));
    core.maintain(NOW);
    expect(new Ballast(path).bytes).toBe(256 * 1024);
    expect(numbers(drain(core, 'backlog', { maxBytes: 16 * MIB, maxRecords: 10_000, gzip: false })).length).toBe(
      row?.pending,
    );
    core.close(NOW);
  });

  it('leaves the floor to others', () => {
    const path = smallDisk();
    const core = openCore({ path, max: 2048 * MIB, freeFloor: 64 * MIB });
    feed(core, 0, 20_000);
    // The floor of so small a disk is an eighth of it.
    const free = Number(spawnSync('df', ['--output=avail', '-B1', path]).stdout.toString().split('\n')[1]);
    expect(free).toBeGreaterThanOrEqual(MIB / 2);
    expect(predictionsOf(core)?.dropped).toBe(0);
    core.close(NOW);
  });

  it('does not keep it from starting: the ballast gives the room', () => {
    const path = smallDisk();
    const before = openCore({ path });
    feed(before, 0, 500);
    before.maintain(NOW);
    before.close(NOW);
    fillUp(path);
    expect(new Ballast(path).bytes).toBeGreaterThan(0);
    const core = openCore({ path });
    expect(core.opened.previous).toMatchObject({ endedInOrder: true });
    expect(new Ballast(path).bytes).toBe(0);
    core.close(NOW);
  });

  it('mounted read-only refuses the start in plain words', () => {
    const path = smallDisk();
    openCore({ path }).close(NOW);
    spawnSync('mount', ['-o', 'remount,ro', path]);
    expect(() => openCore({ path })).toThrow(
      expect.objectContaining({ code: 'store.unwritable', message: expect.stringContaining('read-only') }),
    );
  });

  it('that has not a byte left does not keep a boot from beginning: it waits in memory until there is room', () => {
    const path = smallDisk();
    const first = openCore({ path });
    first.append([prediction(0)], { source: 'rig', position: 'row 1' });
    commitAll(first);
    first.close(NOW);
    const core = onFullDisk(path);
    expect(core.opened).toMatchObject({
      seq: 0,
      previous: { boot: first.opened.boot, endedInOrder: true },
      positions: { rig: 'row 1' },
    });
    core.append([prediction(1)]);
    expect(() => core.commit(NOW)).toThrow(expect.objectContaining({ code: 'store.full' }));
    expect(core.stats(NOW)).toMatchObject({ boot: core.opened.boot, seq: 0 });
    expect(core.claim('urgent', NO_LIMITS)).toMatchObject({ records: 2 });
    rmSync(join(path, 'filler'));
    expect(core.commit(NOW)).toMatchObject({ entries: 1, records: 2, seq: 2 });
    expect(startsIn(core)).toContainEqual(
      expect.objectContaining({ previousBoot: first.opened.boot, previousLastSeq: 3 }),
    );
    core.close(NOW);
  });

  const beforehand: Record<string, (path: string) => void> = {
    'that is new': () => {},
    'whose file is gone': (path) => {
      for (const file of ['telemetry.db', 'telemetry.db.lock']) rmSync(join(path, file), { force: true });
    },
    'whose file is damaged': (path) => writeFileSync(join(path, 'telemetry.db'), Buffer.alloc(16_384, 7)),
    'whose lock is gone': (path) => rmSync(join(path, 'telemetry.db.lock')),
  };
  it.each(Object.keys(beforehand))('takes the boot of a gateway %s as soon as there is room', (what) => {
    const path = smallDisk();
    if (what !== 'that is new') {
      const first = openCore({ path });
      feed(first, 0, 100);
      first.close(NOW);
    }
    beforehand[what]?.(path);
    const core = onFullDisk(path);
    core.append([prediction(500)]);
    expect(() => core.commit(NOW)).toThrow(expect.objectContaining({ code: 'store.full' }));
    expect(core.stats(NOW).seq).toBe(0);
    rmSync(join(path, 'filler'));
    commitAll(core);
    while (core.maintain(NOW));
    expect(startsIn(core)).toHaveLength(what === 'whose lock is gone' ? 2 : 1);
    expect(numbers(drain(core, 'backlog'))).toContain(500);
    core.close(NOW);
    const next = openCore({ path });
    expect(next.opened.previous).toMatchObject({ boot: core.opened.boot, endedInOrder: true });
    next.close(NOW);
  });

  it('keeps what waits in a file of an older program, whose schema it has no room to renew', () => {
    const path = smallDisk();
    const file = join(path, 'telemetry.db');
    const old = openStore(file, { migrations: MIGRATIONS.slice(0, 1) });
    old.transaction(() => old.prepare("INSERT INTO boot (first_id, boot, ended) VALUES (0, 'before', 1)").run());
    old.close();
    const core = onFullDisk(path);
    rmSync(join(path, 'filler'));
    core.append([prediction(1)]);
    commitAll(core);
    expect(core.stats(NOW).seq).toBe(2);
    expect(startsIn(core)).toEqual([expect.objectContaining({ previousBoot: 'before', endedInOrder: true })]);
    core.close(NOW);
  });
});

/** An outbox that is opened where not a byte is free, and nothing that could be given up. */
function onFullDisk(path: string): OutboxCore {
  new Ballast(path).giveUp();
  fillUp(path);
  return openCore({ path });
}

function startsIn(core: OutboxCore): unknown[] {
  return drain(core, 'urgent')
    .flatMap(({ records }) => records)
    .flatMap((record) => (record.type === 'event' && record.event === 'start' ? [record.detail] : []));
}

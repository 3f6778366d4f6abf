import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Ballast, ballastBytes } from '../../src/storage/outbox/capacity/ballast.ts';
import type { OutboxCore } from '../../src/storage/outbox/index.ts';
import { commitAll, drain, NOW, numbers, openCore, prediction, temporaryFolder } from './support/outbox.ts';

const MIB = 1 << 20;
const isRoot = process.getuid?.() === 0;

function smallDisk(size = '4m'): string {
  const disk = join(temporaryFolder(), 'disk');
  mkdirSync(disk);
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]).status).toBe(0);
  onTestFinished(() => {
    spawnSync('umount', ['-l', disk]);
  });
  return disk;
}

/** Takes all room that there is. */
function fillUp(disk: string): void {
  const file = openSync(join(disk, 'filler'), 'a');
  for (let piece = 64 * 1024; piece >= 1; ) {
    try {
      writeSync(file, Buffer.alloc(piece, 1));
    } catch {
      piece = Math.floor(piece / 2);
    }
  }
  closeSync(file);
}

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
});

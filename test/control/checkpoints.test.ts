import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type CheckpointHead,
  type CheckpointRow,
  Checkpoints,
  type Control,
  openControl,
} from '../../src/storage/control/index.ts';
import { fillUp, isRoot, smallDisk } from '../outbox/support/disk.ts';

function open(path?: string): Control {
  const folder = path ?? mkdtempSync(join(tmpdir(), 'edgewright-checkpoints-'));
  const control = openControl({ path: folder });
  onTestFinished(() => {
    control.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return control;
}

const head = (round: number, clean = false): CheckpointHead => ({
  ...{ round, boot: 'b', seq: round, positions: { file: `row ${round}` }, clean },
});

function row(asset: string, text: string): CheckpointRow {
  return { pipeline: 'p', asset, body: Buffer.from(text) };
}

/** Takes the checkpoint as another start would. */
function found(control: Control): Record<string, string> {
  const rows = new Checkpoints(control).take()?.rows ?? [];
  return Object.fromEntries(rows.map(({ asset, body }) => [asset, Buffer.from(body).toString()]));
}

it('gives each asset as of the newest round that is complete', () => {
  const control = open();
  const checkpoints = new Checkpoints(control);
  expect(checkpoints.take()).toBeUndefined();
  checkpoints.add(1, [row('a', 'a1'), row('b', 'b1')]);
  checkpoints.complete(head(1));
  checkpoints.add(2, [row('a', 'a2')]);
  checkpoints.complete(head(2));
  // The power goes during the third round.
  checkpoints.add(3, [row('a', 'a3'), row('c', 'c3')]);
  expect(new Checkpoints(control).take()?.head).toEqual(head(2));
  expect(found(control)).toEqual({ a: 'a2', b: 'b1' });
});

it('goes on after a round that failed with one that has its rows again', () => {
  const control = open();
  const checkpoints = new Checkpoints(control);
  checkpoints.add(1, [row('a', 'a1')]);
  checkpoints.complete(head(1));
  checkpoints.add(2, [row('a', 'a2')]);
  checkpoints.add(3, [row('a', 'a3')]);
  checkpoints.complete(head(3));
  expect(found(control)).toEqual({ a: 'a3' });
});

it('belongs to a clean stop only until the next start', () => {
  const control = open();
  const checkpoints = new Checkpoints(control);
  checkpoints.complete(head(1, true));
  expect(new Checkpoints(control).take()?.head.clean).toBe(true);
  expect(new Checkpoints(control).take()?.head.clean).toBe(false);
});

it('leaves out the largest assets where all together are too many bytes', () => {
  const control = open();
  const checkpoints = new Checkpoints(control, 1_000);
  const small = Array.from({ length: 5 }, (_, index) => row(`small ${index}`, 'x'.repeat(100)));
  expect(checkpoints.add(1, [row('large', 'x'.repeat(300)), ...small.slice(0, 3)])).toBe(0);
  expect(checkpoints.add(1, [row('huge', 'x'.repeat(460)), ...small.slice(3)])).toBe(1);
  checkpoints.complete(head(1));
  expect(Object.keys(found(control)).sort()).toEqual(['large', ...small.map(({ asset }) => asset)]);
});

it('forgets what nobody has any more', () => {
  const control = open();
  const checkpoints = new Checkpoints(control);
  checkpoints.add(1, [row('a', 'a1'), row('b', 'b1')]);
  checkpoints.complete(head(1));
  checkpoints.forget([['p', 'a']]);
  expect(found(control)).toEqual({ b: 'b1' });
});

it('what a crash left of a round is not part of the round that gets its number', () => {
  const control = open();
  const before = new Checkpoints(control);
  before.add(1, [row('a', 'one')]);
  before.complete(head(1));
  before.add(2, [row('b', 'left over')]);
  const later = new Checkpoints(control);
  later.take();
  later.add(2, [row('a', 'two')]);
  later.complete(head(2));
  expect(found(control)).toEqual({ a: 'two' });
});

describe.skipIf(!isRoot)('on a full disk (skipped where mounting is not allowed)', () => {
  it('a checkpoint of a stop in order is taken, without a round that was never completed', () => {
    const disk = smallDisk('1m');
    const before = openControl({ path: disk });
    const checkpoints = new Checkpoints(before);
    checkpoints.add(1, [row('a', 'one')]);
    checkpoints.complete(head(1, true));
    checkpoints.add(2, [row('a', 'two')]);
    before.close();
    fillUp(disk);
    const control = openControl({ path: disk });
    const later = new Checkpoints(control);
    expect(later.take()?.head).toEqual(head(1, true));
    expect(found(control)).toEqual({ a: 'one' });
    expect(() => later.complete(head(3))).toThrow(expect.objectContaining({ code: 'store.full' }));
    rmSync(join(disk, 'filler'));
    later.complete(head(3));
    expect(new Checkpoints(control).take()?.head).toEqual(head(3));
    control.close();
  });

  it('a control.db that is not there can be asked, takes nothing, and is made once there is room', () => {
    const disk = smallDisk('1m');
    fillUp(disk);
    const control = openControl({ path: disk });
    expect([control.last, control.recall('clock'), new Checkpoints(control).take()]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(() => control.remember('clock', 1)).toThrow(expect.objectContaining({ code: 'store.full' }));
    rmSync(join(disk, 'filler'));
    control.remember('clock', 2);
    control.close();
    const next = openControl({ path: disk });
    expect(next.recall('clock')).toBe(2);
    next.close();
  });
});

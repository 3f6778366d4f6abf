import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { temporaryFolder } from './outbox.ts';

/** Whether a test may mount. */
export const isRoot = process.getuid?.() === 0;

/** A file system of its own, gone at the end of the test. */
export function smallDisk(size = '4m'): string {
  const disk = join(temporaryFolder(), 'disk');
  mkdirSync(disk);
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]).status).toBe(0);
  onTestFinished(() => {
    spawnSync('umount', ['-l', disk]);
  });
  return disk;
}

/** Takes all room that there is. */
export function fillUp(disk: string): void {
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

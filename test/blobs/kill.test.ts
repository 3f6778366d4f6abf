import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BlockList } from '../../src/common/protocol/index.ts';
import { described, noise, openBlobs, temporaryFolder } from '../support/blobs.ts';

const BLOCK = 16 * 1024;
const content = noise(64 * BLOCK);
const { file, list } = described(content, BLOCK);

/** Kills a process that writes the blob block by block, after it has told of so many steps. */
async function killAfter(path: string, steps: number): Promise<string | undefined> {
  const child = spawn(process.execPath, ['--import', 'tsx', join('test', 'blobs', 'writer.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last: string | undefined;
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    told += 1;
    if (told >= steps) break;
  }
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return last;
}

it('kill -9 in the middle leaves a blob that is whole or none, and no block that was written is asked for again', async () => {
  for (const steps of [...fc.sample(fc.integer({ min: 1, max: 64 }), 4), 64, 65]) {
    const path = temporaryFolder();
    const last = await killAfter(path, steps);
    const blobs = await openBlobs(path);
    expect(blobs.damaged, `after ${last}`).toEqual([]);
    if (last === 'finished') expect(blobs.has(file.sha256)).toBe(true);
    if (blobs.has(file.sha256)) continue;
    const part = await blobs.part(file);
    const blocks = BlockList.of(file, list);
    const whole = await part.wholeBlocks(BLOCK, (i, bytes) => blocks?.fits(i, bytes) === true);
    expect(whole.length, `after ${last}`).toBeGreaterThanOrEqual(Number(last?.split(' ')[1] ?? 0) + 1);
    for (let i = 0; i < 64; i += 1) {
      if (!whole.includes(i)) await part.write(i * BLOCK, content.subarray(i * BLOCK, (i + 1) * BLOCK));
    }
    expect(await part.finish()).toBe(true);
    await part.close();
  }
}, 120_000);

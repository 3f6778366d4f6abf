import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hexOf, noise, openBlobs, temporaryFolder } from '../support/blobs.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const isRoot = process.getuid?.() === 0;
const noRoom = expect.objectContaining({ code: 'blobs.no-room' });
const blob = (length: number, seed = 1) => ({ sha256: hexOf(`${length} ${seed}`), length });

describe('deployment.max', () => {
  it('refuses what does not fit beside what is there, before anything of it is written', async () => {
    const path = temporaryFolder();
    const blobs = await openBlobs(path, { max: 100 * KIB });
    const kept = noise(60 * KIB);
    await blobs.put({ sha256: hexOf(kept), length: kept.length }, kept);
    await expect(blobs.demandRoomFor([blob(41 * KIB)])).rejects.toThrow(noRoom);
    await expect(blobs.part(blob(41 * KIB))).rejects.toThrow(/41.0 KiB are needed, and deployment.max leaves 40.0 KiB/);
    expect(readdirSync(join(path, 'blobs', 'sha256'))).toEqual([hexOf(kept)]);
    await expect(blobs.demandRoomFor([blob(40 * KIB)])).resolves.toBeUndefined();
  });

  it('counts a part as all that it will be, and what comes twice once', async () => {
    const blobs = await openBlobs(temporaryFolder(), { max: 100 * KIB });
    const part = await blobs.part(blob(80 * KIB));
    await expect(blobs.demandRoomFor([blob(30 * KIB)])).rejects.toThrow(noRoom);
    await expect(blobs.demandRoomFor([blob(80 * KIB), blob(80 * KIB), blob(20 * KIB)])).resolves.toBeUndefined();
    await part.close();
  });

  it('asks for no room for what is there', async () => {
    const path = temporaryFolder();
    const kept = noise(60 * KIB);
    const name = { sha256: hexOf(kept), length: kept.length };
    await (await openBlobs(path)).put(name, kept);
    const lowered = await openBlobs(path, { max: 10 * KIB });
    await expect(lowered.demandRoomFor([name])).resolves.toBeUndefined();
  });
});

describe.skipIf(!isRoot)('on a disk of 4 MiB (skipped where mounting is not allowed)', () => {
  function smallDisk(): string {
    const disk = temporaryFolder();
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status).toBe(0);
    onTestFinished(() => void spawnSync('umount', ['-l', disk]));
    return disk;
  }

  /** Takes all room that there is. */
  function fillUp(path: string): void {
    const file = openSync(path, 'a');
    for (let piece = 64 * KIB; piece >= 1; ) {
      try {
        writeSync(file, Buffer.alloc(piece, 1));
      } catch {
        piece = Math.floor(piece / 2);
      }
    }
    closeSync(file);
  }

  it('what is left to others stays free: a blob that would go into it is refused at once', async () => {
    const blobs = await openBlobs(smallDisk(), { freeFloor: 512 * KIB });
    await expect(blobs.part(blob(3.9 * MIB))).rejects.toThrow(/and the disk has 3.5 MiB beside outbox.freeFloor/);
    await (await blobs.part(blob(3 * MIB))).close();
  });

  it('the floor is at most an eighth of the disk', async () => {
    const blobs = await openBlobs(smallDisk(), { freeFloor: 64 * MIB });
    await expect(blobs.demandRoomFor([blob(3 * MIB)])).resolves.toBeUndefined();
    await expect(blobs.demandRoomFor([blob(3.6 * MIB)])).rejects.toThrow(noRoom);
  });

  it('that others fill meanwhile, a block is refused, what is there stays, and with room it goes on', async () => {
    const disk = smallDisk();
    const blobs = await openBlobs(disk);
    const content = noise(2 * MIB);
    const name = { sha256: hexOf(content), length: content.length };
    const part = await blobs.part(name);
    await part.write(0, content.subarray(0, MIB));
    const filler = join(disk, 'filler');
    fillUp(filler);
    await expect(part.write(MIB, content.subarray(MIB))).rejects.toThrow(noRoom);
    rmSync(filler);
    await part.write(MIB, content.subarray(MIB));
    expect(await part.finish()).toBe(true);
    await part.close();
  });

  it('a part that has most of its bytes needs room for the others alone', async () => {
    const disk = smallDisk();
    const content = noise(3 * MIB);
    const name = { sha256: hexOf(content), length: content.length };
    const before = await openBlobs(disk);
    const part = await before.part(name);
    await part.write(0, content.subarray(0, 2.5 * MIB));
    await part.close();
    await expect((await openBlobs(disk)).demandRoomFor([name])).resolves.toBeUndefined();
  });
});

import { lstatSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockList } from '../../src/common/protocol/index.ts';
import type { BlobStore } from '../../src/storage/blobs/index.ts';
import { described, hexOf, noise, openBlobs, temporaryFolder } from '../support/blobs.ts';

const KIB = 1024;
const content = noise(100 * KIB);
const { file, list } = described(content, 16 * KIB);
const blobsIn = (path: string) => readdirSync(join(path, 'blobs', 'sha256')).sort();

async function store(blobs: BlobStore, bytes: Uint8Array): Promise<string> {
  const sha256 = hexOf(bytes);
  expect(await blobs.put({ sha256, length: bytes.byteLength }, bytes)).toBe(true);
  return sha256;
}

describe('a blob', () => {
  it('has its name once all of it is there, and not before', async () => {
    const path = temporaryFolder();
    const blobs = await openBlobs(path);
    const part = await blobs.part(file);
    await part.write(50 * KIB, content.subarray(50 * KIB));
    expect(await part.finish()).toBe(false);
    expect([blobs.has(file.sha256), blobsIn(path)]).toEqual([false, [`${file.sha256}.part`]]);
    await part.write(0, content.subarray(0, 50 * KIB));
    expect(await part.finish()).toBe(true);
    await part.close();
    expect([blobs.has(file.sha256), blobsIn(path)]).toEqual([true, [file.sha256]]);
    expect(readFileSync(blobs.pathOf(file.sha256))).toEqual(content);
  });

  it('is not what has the right length and one other byte', async () => {
    const blobs = await openBlobs(temporaryFolder());
    const other = Buffer.from(content).fill(content[70] === 0 ? 1 : 0, 70, 71);
    expect(await blobs.put(file, other)).toBe(false);
    expect(blobs.has(file.sha256)).toBe(false);
  });

  it('takes no byte beyond its end', async () => {
    const blobs = await openBlobs(temporaryFolder());
    const part = await blobs.part(file);
    await expect(part.write(file.length - 1, Buffer.alloc(2))).rejects.toThrow(RangeError);
    await part.close();
  });

  it('and its part are this user’s alone, and so are the folders', async () => {
    const path = join(temporaryFolder(), 'deployment');
    const blobs = await openBlobs(path);
    await store(blobs, content);
    const part = await blobs.part({ sha256: hexOf('x'), length: 1 });
    const folder = join(path, 'blobs', 'sha256');
    for (const name of blobsIn(path)) expect(lstatSync(join(folder, name)).mode & 0o777).toBe(0o600);
    for (const one of [path, join(path, 'blobs'), folder]) expect(statSync(one).mode & 0o777).toBe(0o700);
    await part.close();
  });

  it('is stored once, however many bundles have it, and goes when nothing names it', async () => {
    const path = temporaryFolder();
    const blobs = await openBlobs(path);
    const [one, two] = [await store(blobs, Buffer.from('one')), await store(blobs, Buffer.from('two'))];
    await store(blobs, Buffer.from('one'));
    expect([blobsIn(path), blobs.used]).toEqual([[one, two].sort(), 6]);
    const begun = await blobs.part(file);
    await blobs.keepOnly(new Set([two]));
    expect(blobsIn(path)).toEqual([two, `${file.sha256}.part`].sort());
    await begun.close();
    await blobs.keepOnly(new Set([two]));
    expect([blobsIn(path), blobs.used]).toEqual([[two], 3]);
  });
});

describe('a store that is opened again', () => {
  it('has what it had, and goes on with the whole blocks of a part', async () => {
    const path = temporaryFolder();
    const before = await openBlobs(path);
    const kept = await store(before, Buffer.from('kept'));
    const part = await before.part(file);
    await part.write(0, content.subarray(0, 20 * KIB));
    await part.write(48 * KIB, content.subarray(48 * KIB, 64 * KIB));
    await part.close();

    const blobs = await openBlobs(path);
    expect([blobs.damaged, blobs.has(kept)]).toEqual([[], true]);
    const again = await blobs.part(file);
    const blocks = BlockList.of(file, list);
    expect(await again.wholeBlocks(file.block, (i, bytes) => blocks?.fits(i, bytes) === true)).toEqual([0, 3]);
    await again.close();
  });

  it('finds a part that is longer than its blob, and makes it the blob all the same', async () => {
    const path = temporaryFolder();
    const before = await openBlobs(path);
    const part = await before.part(file);
    await part.write(0, content);
    await part.close();
    truncateSync(join(path, 'blobs', 'sha256', `${file.sha256}.part`), file.length + 5 * KIB);
    const again = await (await openBlobs(path)).part(file);
    expect(await again.finish()).toBe(true);
    await again.close();
  });

  it.each<[string, (path: string) => void]>([
    ['a byte', (path) => writeFileSync(path, Buffer.from(content).fill(content[9] === 0 ? 1 : 0, 9, 10))],
    ['its end', (path) => truncateSync(path, 10)],
    ['all of it', (path) => truncateSync(path, 0)],
  ])('deletes a blob that has lost %s, and says so', async (_what, damage) => {
    const path = temporaryFolder();
    const before = await openBlobs(path);
    const [sha256, sound] = [await store(before, content), await store(before, Buffer.from('sound'))];
    damage(before.pathOf(sha256));
    const blobs = await openBlobs(path);
    expect([blobs.damaged, blobs.has(sha256), blobsIn(path)]).toEqual([[sha256], false, [sound]]);
  });

  it('follows no link, and leaves what is not its own', async () => {
    const path = temporaryFolder();
    const before = await openBlobs(path);
    const folder = join(path, 'blobs', 'sha256');
    writeFileSync(join(path, 'elsewhere'), content);
    writeFileSync(join(folder, 'README'), 'not ours');
    symlinkSync(join(path, 'elsewhere'), before.pathOf(file.sha256));
    symlinkSync(join(path, 'elsewhere'), join(folder, `${hexOf('x')}.part`));
    const blobs = await openBlobs(path);
    expect([blobs.has(file.sha256), blobsIn(path)]).toEqual([false, ['README']]);
    expect(readFileSync(join(path, 'elsewhere'))).toEqual(content);
  });

  it('holds, whatever was written, finished and deleted before', async () => {
    const step = fc.record({ blob: fc.nat(3), whole: fc.boolean(), keep: fc.subarray([0, 1, 2, 3]) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const path = temporaryFolder();
        const contents = [0, 1, 2, 3].map((seed) => noise(seed * 1000, seed));
        const names = contents.map(hexOf);
        const expected = new Set<string>();
        let blobs = await openBlobs(path);
        for (const { blob, whole, keep } of steps) {
          const bytes = contents[blob] as Buffer;
          if (whole) expected.add(await store(blobs, bytes));
          const kept = new Set(keep.map((i) => names[i] ?? ''));
          await blobs.keepOnly(kept);
          for (const name of expected) if (!kept.has(name)) expected.delete(name);
          blobs = await openBlobs(path);
          expect(names.filter((name) => blobs.has(name)).sort()).toEqual(
            names.filter((name) => expected.has(name)).sort(),
          );
        }
      }),
      { numRuns: 20 },
    );
  });
});

it('a folder that cannot be made is named, with what to do', async () => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, '');
  await expect(openBlobs(path)).rejects.toThrow(expect.objectContaining({ code: 'blobs.failed' }));
});

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { indexBundles } from '../../src/center/serving/index.ts';
import { fileProblem } from '../../src/common/protocol/index.ts';
import { described, noise, temporaryFolder } from '../support/blobs.ts';

it('each file of a folder is served by its digest and by that of its list, as an order names it', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'wear', 'parts'), { recursive: true });
  const contents = new Map([
    ['wear/model.onnx', noise(100_000)],
    ['wear/parts/empty', Buffer.alloc(0)],
    ['wear/parts/one', noise(16 * 1024)],
  ]);
  for (const [path, content] of contents) writeFileSync(join(folder, path), content);
  const { files, blobs } = await indexBundles(folder);
  const expected = [...contents].map(([path, content]) => described(content, 16 * 1024, path));
  expect(files).toEqual(expected.map(({ file }) => file));
  for (const { file, list } of expected) {
    expect(fileProblem(file)).toBeUndefined();
    expect(blobs.get(file.sha256)).toMatchObject({ path: file.path, length: file.length });
    if (list.length > 0) expect(blobs.get(file.blocks)?.content).toEqual({ list });
  }
});

it('links are not followed', async () => {
  const folder = temporaryFolder();
  symlinkSync('/etc/passwd', join(folder, 'model.onnx'));
  symlinkSync('/etc', join(folder, 'wear'));
  expect((await indexBundles(folder)).files).toEqual([]);
});

it('a folder that is not there is named, with what to do', async () => {
  await expect(indexBundles(join(temporaryFolder(), 'none'))).rejects.toThrow(
    expect.objectContaining({ code: 'serving.not-servable' }),
  );
});

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findModels, readModelFile } from '../../src/scoring/registry/index.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'edgewright-models-'));
});
afterEach(() => rm(root, { recursive: true }));

async function have(...files: string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), '');
  }
}

/** Models found, each with its golden cases, as paths below the root. */
async function found(path = '.'): Promise<[string, string | undefined][]> {
  const models = await findModels(join(root, path));
  return models.map(({ file, golden }) => [relative(root, file), golden && relative(root, golden)]);
}

describe('models at a path', () => {
  it('are all .onnx and .ort files at or below it, in order of name', async () => {
    await have('b.onnx', 'a/model.onnx', 'a/deep/er/x.ort', 'c.txt', 'model.onnx.bak', 'onnx');
    expect((await found()).map(([file]) => file)).toEqual(['a/deep/er/x.ort', 'a/model.onnx', 'b.onnx']);
  });

  it('are the file itself where it is one, whatever its name', async () => {
    await have('weights.bin');
    expect(await found('weights.bin')).toEqual([['weights.bin', undefined]]);
  });

  it('are no folders that are called like one', async () => {
    await have('old.onnx/readme.txt', 'a.onnx');
    expect((await found()).map(([file]) => file)).toEqual(['a.onnx']);
  });

  it.each([
    ['a path that is not there', 'nowhere'],
    ['a folder without any', '.'],
  ])('of %s are an error of usage', async (_what, path) => {
    await expect(found(path)).rejects.toMatchObject({ code: 'registry.model-missing', kind: { exit: 2 } });
  });

  describe('that are no regular files', () => {
    const refused = async (path: string, kind: string) => {
      const expected = { code: 'registry.model-unreadable', subject: path, kind: { exit: 2 } };
      for (const read of [findModels, readModelFile]) {
        const error = await read(path).catch((reason: unknown) => reason);
        expect(error).toMatchObject(expected);
        expect(String(error)).toContain(`is a ${kind}, not a regular file`);
      }
    };

    it('are refused at once where nobody writes to the FIFO', async () => {
      execFileSync('mkfifo', [join(root, 'model.onnx')]);
      await refused(join(root, 'model.onnx'), 'FIFO');
      expect(await found()).toEqual([['model.onnx', undefined]]);
    });

    it('are refused as a device that has no end', () => refused('/dev/zero', 'device'));

    it('are refused as a socket', async () => {
      const server = createServer().listen(join(root, 'model.onnx'));
      await once(server, 'listening');
      await refused(join(root, 'model.onnx'), 'socket');
      server.close();
    });

    it('are refused as a directory where one file is wanted', async () => {
      await expect(readModelFile(root)).rejects.toThrow('is a directory, not a regular file');
    });
  });

  it('that cannot be read are an error that names them', async () => {
    await symlink('nowhere', join(root, 'dangling.onnx'));
    const [[file] = ['']] = await found();
    await expect(readModelFile(join(root, file))).rejects.toMatchObject({
      code: 'registry.model-unreadable',
      subject: join(root, 'dangling.onnx'),
    });
  });
});

describe('golden cases', () => {
  it.each<[what: string, files: string[], golden: string | undefined]>([
    ['stand in golden.json beside model.onnx', ['model.onnx', 'golden.json'], 'golden.json'],
    ['stand in golden.json beside model.ort', ['model.ort', 'golden.json'], 'golden.json'],
    ['stand in NAME.golden.json', ['pump.onnx', 'pump.golden.json'], 'pump.golden.json'],
    ['in NAME.golden.json win', ['model.onnx', 'golden.json', 'model.golden.json'], 'model.golden.json'],
    ['in golden.json are not those of another name', ['pump.onnx', 'golden.json'], undefined],
    ['of another model are not taken', ['pump.onnx', 'fan.golden.json'], undefined],
    ['may be missing', ['model.onnx'], undefined],
  ])('%s', async (_what, files, golden) => {
    await have(...files);
    expect((await found())[0]?.[1]).toBe(golden);
  });

  it('of a model in another folder are not taken', async () => {
    await have('golden.json', 'a/model.onnx');
    expect(await found()).toEqual([['a/model.onnx', undefined]]);
  });
});

import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleDigest } from '../../src/common/trust/index.ts';
import { type Bundle, openBundle, packBundle } from '../../src/scoring/registry/index.ts';
import { unprivileged } from '../support/unprivileged.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const CONTENTS: Readonly<Record<string, string>> = {
  'model.onnx': 'model',
  'golden.json': '{"cases":[]}',
  'model-card.json': '{}',
  'manifest.json': '{"name":"test"}',
};

let root: string;
let folder: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'edgewright-bundle-'));
  await chmod(root, 0o755);
});
afterAll(() => rm(root, { recursive: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(root, 'b-'));
  await chmod(folder, 0o755);
  for (const [name, text] of Object.entries(CONTENTS)) await writeFile(join(folder, name), text);
});

const packed = async (): Promise<Bundle> => packBundle(await openBundle(folder, { listed: false }));

describe('a bundle', () => {
  it('has the digest that a signature is made over, whatever the order of its files', async () => {
    const { digest } = await openBundle(folder);
    const files = Object.entries(CONTENTS).map(([name, text]) => ({ name, sha256: sha256(Buffer.from(text)) }));
    expect(digest).toBe(bundleDigest(files));
    expect(digest).toBe(bundleDigest(files.toReversed()));
  });

  it('keeps its digest when a signature comes to it, and no other file', async () => {
    const { digest } = await packed();
    await writeFile(join(folder, 'model.sig'), 'signature');
    expect((await openBundle(folder)).digest).toBe(digest);
    await writeFile(join(folder, 'notes.txt'), 'more');
    expect((await openBundle(folder, { listed: false })).digest).not.toBe(digest);
  });

  it('gives what it has hashed, also when the folder changes later', async () => {
    const bundle = await openBundle(folder);
    await writeFile(join(folder, 'model.onnx'), 'another');
    expect(sha256(bundle.read('model.onnx'))).toBe(bundle.files['model.onnx']?.sha256);
  });

  it('names a file that it has not, and JSON that is none', async () => {
    const bundle = await openBundle(folder);
    expect(bundle.has('profile.json')).toBe(false);
    expect(() => bundle.read('profile.json')).toThrow(/profile\.json/);
    expect(() => bundle.json('model.onnx')).toThrow(expect.objectContaining({ code: 'registry.bundle-invalid' }));
    expect(() => bundle.json('model.onnx')).toThrow(/model\.onnx: is not JSON/);
  });
});

describe('packing', () => {
  it('lists every file but the manifest itself and the signature, and the bundle opens again', async () => {
    await writeFile(join(folder, 'model.sig'), 'signature');
    const bundle = await packed();
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    expect(manifest.name).toBe('test');
    expect(Object.keys(manifest.files).sort()).toEqual(['golden.json', 'model-card.json', 'model.onnx']);
    expect(manifest.files['model.onnx']).toEqual({ sha256: sha256(Buffer.from('model')), length: 5 });
    expect((await openBundle(folder)).digest).toBe(bundle.digest);
  });

  it('again changes nothing', async () => {
    const first = await packed();
    expect((await packed()).digest).toBe(first.digest);
  });

  it('heals a wanted change', async () => {
    await packed();
    await writeFile(join(folder, 'model.onnx'), 'better');
    await expect(openBundle(folder)).rejects.toMatchObject({ code: 'registry.bundle-tampered' });
    await packed();
    expect(new TextDecoder().decode((await openBundle(folder)).read('model.onnx'))).toBe('better');
  });
});

describe('a packed bundle that was changed is refused, and the file named', () => {
  const refused = (name: string) =>
    expect(openBundle(folder)).rejects.toMatchObject({
      code: 'registry.bundle-tampered',
      subject: join(folder, name),
      kind: { exit: 1 },
    });

  it('by one flipped bit anywhere', async () => {
    await packed();
    const names = ['model.onnx', 'golden.json', 'model-card.json'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.nat(7), async (name, place, bit) => {
        const original = await readFile(join(folder, name));
        const flipped = Buffer.from(original);
        const at = place % flipped.length;
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        await writeFile(join(folder, name), flipped);
        await refused(name);
        await writeFile(join(folder, name), original);
      }),
      { numRuns: 25 },
    );
  });

  it.each(['extra.bin', 'constructor', '.hidden', 'model.onnx.bak'])(
    'by a file that is not listed: %s',
    async (name) => {
      await packed();
      await writeFile(join(folder, name), '');
      await refused(name);
    },
  );

  it('by a file that is gone', async () => {
    await packed();
    await rm(join(folder, 'golden.json'));
    await refused('golden.json');
  });

  it('by another file under its name', async () => {
    await packed();
    await writeFile(join(folder, 'golden.json'), CONTENTS['model.onnx'] ?? '');
    await refused('golden.json');
  });
});

describe('a folder that is no bundle', () => {
  const refused = (code: string, text: RegExp) =>
    Promise.all([
      expect(openBundle(folder)).rejects.toMatchObject({ code, kind: { exit: 2 } }),
      expect(openBundle(folder)).rejects.toThrow(text),
    ]);

  it('because it is not there, or is a file', async () => {
    folder = join(root, 'nowhere');
    await refused('registry.bundle-missing', /nowhere: ENOENT/);
    await writeFile(join(root, 'file'), '');
    folder = join(root, 'file');
    await refused('registry.bundle-missing', /ENOTDIR/);
  });

  it('because it has no manifest', async () => {
    await rm(join(folder, 'manifest.json'));
    await refused('registry.bundle-missing', /has no manifest\.json/);
  });

  it.each([
    ['a link', () => symlink('/etc/hostname', join(folder, 'link'))],
    ['a link to a file of its own', () => symlink('model.onnx', join(folder, 'link'))],
    ['a folder', () => mkdir(join(folder, 'folder'))],
  ])('because it holds %s', async (_what, add) => {
    await add();
    await refused('registry.bundle-invalid', /(link|folder): is not a plain file/);
  });

  it('because it holds too many files', async () => {
    for (let i = 0; i < 64; i += 1) await writeFile(join(folder, `part-${i}`), '');
    await refused('registry.bundle-invalid', /68 files, at most 64/);
  });

  it('because a file or the folder may not be read', async () => {
    await chmod(join(folder, 'model.onnx'), 0o000);
    await unprivileged(() => refused('registry.bundle-unreadable', /model\.onnx: EACCES/));
    await chmod(folder, 0o000);
    await unprivileged(() => refused('registry.bundle-unreadable', /EACCES/));
  });
});

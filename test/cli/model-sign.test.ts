import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBundle, packBundle } from '../../src/scoring/registry/index.ts';
import { hasModelSigning, modelSigning } from '../support/model-signing.ts';
import { benchBundle, half } from './support/bundles.ts';
import { temporaryFolder } from './support/cli.ts';
import { codeOf, program } from './support/program.ts';

async function keyPair(...options: readonly string[]) {
  const name = join(await temporaryFolder(), 'modeller');
  const made = await program('model', 'keygen', name, '--json', ...options);
  return { ...made.json(), name, status: made.status } as { key: string; pub: string; id: string; status: number };
}

async function packedBundle(): Promise<string> {
  const folder = await benchBundle();
  await packBundle(await openBundle(folder, { listed: false }));
  return folder;
}

async function signedBundle() {
  const keys = await keyPair();
  const folder = await packedBundle();
  const signed = await program('model', 'sign', folder, '--key', keys.key, '--json');
  return { folder, keys, signed };
}

/** Puts a link to the same content in the place of a file. */
async function asLink(folder: string): Promise<void> {
  const elsewhere = join(await temporaryFolder(), 'golden.json');
  await rename(join(folder, 'golden.json'), elsewhere);
  await symlink(elsewhere, join(folder, 'golden.json'));
}

async function asFolder(folder: string): Promise<void> {
  await rm(join(folder, 'golden.json'));
  await mkdir(join(folder, 'golden.json'));
}

const verify = (folder: string, pub: string) => program('model', 'verify', folder, '--key', pub, '--json');

describe('model keygen', () => {
  it.each(['p256', 'p384', 'p521'])('makes a key on %s that its owner alone may read', async (curve) => {
    const { key, pub, id, status } = await keyPair('--curve', curve);
    expect(status).toBe(0);
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    expect(await readFile(key, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(await readFile(pub, 'utf8')).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(['modeller.key', 'modeller.pub'])('never writes over %s, and leaves nothing new', async (present) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, present), 'precious');
    const ended = await program('model', 'keygen', join(folder, 'modeller'), '--json');
    expect([ended.status, codeOf(ended)]).toEqual([2, 'keys.exists']);
    expect(await readdir(folder)).toEqual([present]);
    expect(await readFile(join(folder, present), 'utf8')).toBe('precious');
  });

  it('encrypts with a passphrase from a file, which signing then needs', async () => {
    const passphrase = join(await temporaryFolder(), 'secret');
    await writeFile(passphrase, 'correct horse\nmore');
    const { key, pub } = await keyPair('--passphrase-file', passphrase);
    const folder = await packedBundle();
    const without = await program('model', 'sign', folder, '--key', key, '--json');
    expect([without.status, codeOf(without)]).toEqual([2, 'trust.passphrase']);
    const signed = await program('model', 'sign', folder, '--key', key, '--passphrase-file', passphrase);
    expect(signed).toMatchObject({ status: 0, stderr: '' });
    expect((await verify(folder, pub)).status).toBe(0);
  });

  it('refuses an empty passphrase rather than writing the key in the open', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'secret'), '\n');
    const ended = await program(
      'model',
      'keygen',
      join(folder, 'a'),
      '--passphrase-file',
      join(folder, 'secret'),
      '--json',
    );
    expect([ended.status, codeOf(ended)]).toEqual([2, 'keys.unreadable']);
    expect(await readdir(folder)).toEqual(['secret']);
  });
});

describe('model sign', () => {
  it('writes a signature that model verify takes, with the digest, the key and the files', async () => {
    const { folder, keys, signed } = await signedBundle();
    expect(signed.status).toBe(0);
    const { digest } = await openBundle(folder);
    const verified = await verify(folder, keys.pub);
    expect(verified.status).toBe(0);
    expect(verified.json()).toMatchObject({ digest, signer: keys.id });
    expect(Object.keys(verified.json().files).sort()).toEqual((await readdir(folder)).sort());
  });

  it.runIf(hasModelSigning)(
    'writes what model_signing verifies, and verifies what it wrote (skipped without it)',
    async () => {
      const { folder, keys } = await signedBundle();
      const sig = join(folder, 'model.sig');
      expect(modelSigning('verify', 'key', folder, '--public_key', keys.pub, '--signature', sig)).toContain(
        'succeeded',
      );
      await rm(sig);
      await writeFile(join(folder, '.gitignore'), '*.tmp');
      modelSigning('sign', 'key', folder, '--private_key', keys.key, '--signature', sig);
      expect((await verify(folder, keys.pub)).json()).toMatchObject({ signer: keys.id });
    },
  );

  it('again takes the place of a signature, also of one that was cut off in the writing', async () => {
    const { folder } = await signedBundle();
    await writeFile(join(folder, 'model.sig'), 'half');
    await writeFile(join(folder, 'model.sig.part'), 'half');
    const other = await keyPair();
    expect((await program('model', 'sign', folder, '--key', other.key)).status).toBe(0);
    expect((await verify(folder, other.pub)).status).toBe(0);
  });

  it('refuses a bundle that was not packed, and one that changed since, and writes nothing', async () => {
    const { key } = await keyPair();
    const unpacked = await benchBundle();
    const changed = await packedBundle();
    await writeFile(join(changed, 'golden.json'), '{}');
    for (const [folder, code] of [
      [unpacked, 'registry.bundle-unpacked'],
      [changed, 'registry.bundle-tampered'],
    ] as const) {
      const ended = await program('model', 'sign', folder, '--key', key, '--json');
      expect(codeOf(ended)).toBe(code);
      expect(await readdir(folder)).not.toContain('model.sig');
    }
  });

  it('refuses a public key in the place of a private one', async () => {
    const { pub } = await keyPair();
    const ended = await program('model', 'sign', await packedBundle(), '--key', pub, '--json');
    expect([ended.status, codeOf(ended)]).toEqual([2, 'trust.key-invalid']);
  });
});

describe('model verify', () => {
  it.each<[string, (folder: string) => Promise<unknown>]>([
    ['a file that was changed', (folder) => writeFile(join(folder, 'golden.json'), '{}')],
    [
      'half a model',
      async (folder) => writeFile(join(folder, 'model.onnx'), half(await readFile(join(folder, 'model.onnx')))),
    ],
    ['a manifest that is no JSON, which nobody looks at', (folder) => writeFile(join(folder, 'manifest.json'), '{')],
    ['one file more', (folder) => writeFile(join(folder, 'more.bin'), '')],
    ['one file less', (folder) => rm(join(folder, 'golden.json'))],
    ['no manifest', (folder) => rm(join(folder, 'manifest.json'))],
    ['a link in the place of a file', asLink],
    ['a folder in the place of a file', asFolder],
    ['no signature', (folder) => rm(join(folder, 'model.sig'))],
    ['an empty signature', (folder) => writeFile(join(folder, 'model.sig'), '')],
    ['a signature that is endless', (folder) => writeFile(join(folder, 'model.sig'), Buffer.alloc(2 ** 21, '['))],
  ])('exits 1 with bundle.signature for %s', async (_what, change) => {
    const { folder, keys } = await signedBundle();
    await change(folder);
    const ended = await verify(folder, keys.pub);
    expect([ended.status, codeOf(ended), ended.stdout]).toEqual([1, 'bundle.signature', '']);
  });

  it('exits 1 for the key of somebody else, and says so', async () => {
    const { folder } = await signedBundle();
    const ended = await verify(folder, (await keyPair()).pub);
    expect([ended.status, codeOf(ended)]).toEqual([1, 'bundle.signature']);
    expect(ended.stderr).toContain('not among those');
  });

  it('wants a key or a root, and not both', async () => {
    const { folder, keys } = await signedBundle();
    for (const options of [[], ['--key', keys.pub, '--root', keys.pub]]) {
      const ended = await program('model', 'verify', folder, '--json', ...options);
      expect([ended.status, codeOf(ended)]).toEqual([2, 'cli.usage']);
    }
  });

  it('exits 2 for a root that is not there', async () => {
    const { folder } = await signedBundle();
    const ended = await program('model', 'verify', folder, '--json', '--root', join(folder, 'nowhere'));
    expect([ended.status, codeOf(ended)]).toEqual([2, 'registry.root-unreadable']);
  });
});

it('a key that cannot be written is told with the folder', async () => {
  const folder = await temporaryFolder();
  const ended = await program('model', 'keygen', join(folder, 'none', 'a'), '--json');
  expect([ended.status, codeOf(ended)]).toEqual([1, 'keys.cannot-write']);
});

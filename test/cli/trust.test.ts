import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNextRoot, readRoot } from '../../src/common/trust/index.ts';
import { temporaryFolder } from './support/cli.ts';
import { codeOf, program } from './support/program.ts';

const HOLDERS = ['alice', 'bob', 'carol', 'dave', 'modeller', 'ops'] as const;
type Holder = (typeof HOLDERS)[number];
type Files = Readonly<Record<Holder, { readonly key: string; readonly pub: string; readonly id: string }>>;

/** A folder with a pair of keys for each holder. */
async function holders(): Promise<{ folder: string; files: Files }> {
  const folder = await temporaryFolder();
  const made = HOLDERS.map(async (name) => [
    name,
    (await program('model', 'keygen', join(folder, name), '--json')).json(),
  ]);
  return { folder, files: Object.fromEntries(await Promise.all(made)) };
}

async function firstRoot(signers: readonly Holder[] = ['alice', 'bob']) {
  const { folder, files } = await holders();
  const pubs = (...names: Holder[]) => names.map((name) => files[name].pub);
  const root = join(folder, 'root.json');
  const roles = [
    '--root',
    ...pubs('alice', 'bob', 'carol'),
    '--model',
    ...pubs('modeller'),
    '--deploy',
    ...pubs('ops'),
  ];
  const made = await program('trust', 'init', root, ...roles, '--json');
  for (const name of signers) await program('trust', 'sign', root, '--key', files[name].key);
  return { folder, files, roles, root, made };
}

const show = (...args: string[]) => program('trust', 'show', ...args, '--json');

describe('trust init', () => {
  it('makes a root that its holders sign one after the other, each by himself', async () => {
    const { root, files, made } = await firstRoot([]);
    expect(made.json()).toMatchObject({ version: 1, signed: { threshold: 2, signers: [], complete: false } });
    const one = await program('trust', 'sign', root, '--key', files.alice.key, '--json');
    expect(one.json().signed).toMatchObject({ signers: [files.alice.id], complete: false });
    expect((await show(root)).status).toBe(1);
    await program('trust', 'sign', root, '--key', files.alice.key);
    expect((await show(root)).json().signed.complete).toBe(false);
    await program('trust', 'sign', root, '--key', files.carol.key);
    const shown = await show(root);
    expect(shown.status).toBe(0);
    expect(shown.json()).toMatchObject({
      roles: { model: { threshold: 1, keys: [files.modeller.id] }, deploy: { threshold: 1, keys: [files.ops.id] } },
      signed: { signers: [files.alice.id, files.carol.id], complete: true },
    });
    expect(readRoot(await readFile(root), root).version).toBe(1);
  });

  it('signs at once with the keys that it is given', async () => {
    const { folder, files, roles } = await firstRoot();
    const keys = ['--key', files.alice.key, files.bob.key, files.carol.key];
    const made = await program('trust', 'init', join(folder, 'whole.json'), ...roles, ...keys, '--json');
    expect(made.json()).toMatchObject({ signed: { complete: true }, warnings: [] });
  });

  it.each<[string, string[], string]>([
    ['two signatures for a model', ['--threshold', 'model=2'], 'keys.bad-root'],
    ['more signatures than keys', ['--threshold', 'deploy=2'], 'keys.bad-root'],
    ['a role that there is not', ['--threshold', 'audit=1'], 'cli.usage'],
    ['an expiry in the past', ['--expires', '2001-01-01T00:00:00Z'], 'trust.root-expired'],
    ['an expiry that is none', ['--expires', 'soon'], 'cli.usage'],
    ['an expiry beyond all years', ['--expires', '99999999d'], 'cli.usage'],
  ])('refuses %s, and writes nothing', async (_what, options, code) => {
    const { folder, roles } = await firstRoot();
    const ended = await program('trust', 'init', join(folder, 'other.json'), ...roles, ...options, '--json');
    expect(codeOf(ended)).toBe(code);
    expect(ended.status).toBeGreaterThan(0);
    expect(await readdir(folder)).not.toContain('other.json');
  });

  it('refuses a root without a key for each role, and one with a single root key unless that is asked for', async () => {
    const { folder, files, roles } = await firstRoot();
    const out = join(folder, 'other.json');
    const alone = ['--root', files.alice.pub, '--model', files.modeller.pub, '--deploy', files.ops.pub];
    for (const args of [roles.slice(0, -2), alone]) {
      expect(codeOf(await program('trust', 'init', out, ...args, '--json'))).toBe('keys.bad-root');
    }
    const asked = await program('trust', 'init', out, ...alone, '--threshold', 'root=1', '--json');
    expect(asked.json().warnings).toEqual(expect.arrayContaining([expect.stringContaining('one root key alone')]));
  });

  it('never writes over a root', async () => {
    const { root, roles } = await firstRoot();
    const before = await readFile(root);
    expect(codeOf(await program('trust', 'init', root, ...roles, '--json'))).toBe('keys.exists');
    expect(await readFile(root)).toEqual(before);
  });
});

describe('trust rotate', () => {
  it('makes the next root, which is taken with the thresholds of both', async () => {
    const { folder, files, root } = await firstRoot();
    const out = join(folder, 'root-2.json');
    const change = [
      '--remove',
      files.alice.id.slice(0, 12),
      files.bob.id,
      '--root',
      files.dave.pub,
      '--floor',
      'pump=7',
    ];
    const rotated = await program(
      'trust',
      'rotate',
      root,
      '--out',
      out,
      ...change,
      '--key',
      files.carol.key,
      files.dave.key,
      '--json',
    );
    expect(rotated.json()).toMatchObject({
      version: 2,
      roles: { root: { keys: [files.carol.id, files.dave.id] } },
      floors: { pump: 7 },
      signed: { complete: true },
      previous: { version: 1, signers: [files.carol.id], complete: false },
    });
    const current = readRoot(await readFile(root), root);
    const next = async () => readNextRoot(current, await readFile(out), out);
    await expect(next()).rejects.toMatchObject({ code: 'trust.root-threshold' });
    expect((await show(out, '--previous', root)).status).toBe(1);
    // alice is no key of the new root any more, and signs as one of the old.
    expect(codeOf(await program('trust', 'sign', out, '--key', files.alice.key, '--json'))).toBe('keys.bad-root');
    await program('trust', 'sign', out, '--key', files.alice.key, '--previous', root);
    expect((await show(out, '--previous', root)).status).toBe(0);
    expect((await next()).floors.get('pump')).toBe(7);
  });

  it('refuses to begin with a root that its holders have not signed', async () => {
    const { folder, root } = await firstRoot(['alice']);
    const ended = await program('trust', 'rotate', root, '--out', join(folder, 'b.json'), '--json');
    expect([ended.status, codeOf(ended)]).toEqual([1, 'trust.root-threshold']);
  });

  it('refuses to take away a key that is not there', async () => {
    const { folder, root } = await firstRoot();
    for (const id of ['ffffffffffff0', '']) {
      const ended = await program('trust', 'rotate', root, '--out', join(folder, 'b.json'), '--remove', id, '--json');
      expect(codeOf(ended)).toBe('keys.bad-root');
    }
  });
});

describe('trust show', () => {
  it('says in words what is allowed, and that fewer keys are known good than the threshold plus one', async () => {
    const { root, files } = await firstRoot();
    const shown = await program('trust', 'show', root);
    expect(shown.stdout).toContain(`${files.alice.id} (signed)`);
    expect(shown.stdout).toContain('2 of the 2 signatures that version 1 asks for');
    expect(shown.stdout).toContain('only 2 root keys are known good');
    await program('trust', 'sign', root, '--key', files.carol.key);
    expect((await program('trust', 'show', root)).stdout).not.toContain('warning');
  });

  it('warns where no root key could be lost, and where one key signs models and orders', async () => {
    const { folder, files } = await firstRoot();
    const out = join(folder, 'few.json');
    const both = ['--root', files.alice.pub, files.bob.pub, '--model', files.ops.pub, '--deploy', files.ops.pub];
    const { warnings } = (await program('trust', 'init', out, ...both, '--json')).json();
    expect(warnings).toEqual([
      expect.stringContaining('one that is lost'),
      expect.stringContaining('signs models and orders'),
    ]);
  });

  it('refuses what is no root', async () => {
    const file = join(await temporaryFolder(), 'root.json');
    await writeFile(file, '{}');
    const ended = await show(file);
    expect([ended.status, codeOf(ended)]).toEqual([2, 'trust.root-invalid']);
    expect(codeOf(await show(join(file, 'nowhere')))).toBe('registry.root-unreadable');
  });
});

it('trust sign takes no key that is not for the root', async () => {
  const { root, files } = await firstRoot();
  const before = await readFile(root);
  expect(codeOf(await program('trust', 'sign', root, '--key', files.modeller.key, '--json'))).toBe('keys.bad-root');
  expect(await readFile(root)).toEqual(before);
});

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { signModel } from '../../src/common/trust/index.ts';
import { openBundle, packBundle, writeSignature } from '../../src/scoring/registry/index.ts';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess } from '../support/gateway.ts';
import { HOLDERS, type Holder, rootData, signedRoot } from '../trust/support/roots.ts';
import { benchBundle } from './support/bundles.ts';
import { check, cleanup, cli, configFile, temporaryFolder } from './support/cli.ts';

async function signedBundle(holder: Holder | undefined): Promise<string> {
  const folder = await benchBundle();
  const { files } = await packBundle(await openBundle(folder, { listed: false }));
  if (holder === undefined) return folder;
  const digests = Object.entries(files).map(([name, { sha256 }]) => ({ name, sha256 }));
  const key = HOLDERS[holder];
  await writeSignature(folder, signModel({ name: 'bundle', files: digests, key }), key.publicKey);
  return folder;
}

async function trusting(
  model: string,
  root: Uint8Array = signedRoot(rootData({}, { expires: '2099-01-01T00:00:00Z' })),
) {
  const file = join(await temporaryFolder(), 'root.json');
  await writeFile(file, root);
  return configFile({ pipelines: { p: { source: 'rig', model } }, trust: { root: file } });
}

it('a model that a model key of the root signed is taken by check, and runs as signed', async () => {
  const file = await trusting(await signedBundle('modeller'));
  expect(await check(file)).toMatchObject({ status: 0, problems: [] });
  const port = await freePort();
  const gateway = await GatewayProcess.start(file, { 'http.port': port });
  cleanup(() => gateway.kill());
  expect(gateway.ready.models).toMatchObject([{ pipeline: 'p', signed: true }]);
});

it.each<[string, Holder | undefined]>([
  ['nobody signed', undefined],
  ['a key signed that may only sign orders', 'deployer'],
  ['a key signed that nobody knows', 'eve'],
])('a model that %s is refused by check and by run with bundle.signature', async (_what, holder) => {
  const file = await trusting(await signedBundle(holder));
  const { status, problems } = await check(file);
  expect(problems).toEqual([expect.objectContaining({ path: 'pipelines.p.model', code: 'bundle.signature' })]);
  expect(status).toBe(1);
  const run = await cli(['run', file]);
  expect(run).toMatchObject({ status: 1, stdout: '' });
  expect(run.stderr).toContain('bundle.signature');
});

it('a signed model of which a file changed is refused before its manifest is read', async () => {
  const folder = await signedBundle('modeller');
  await writeFile(join(folder, 'manifest.json'), '{');
  expect((await check(await trusting(folder))).problems).toEqual([
    expect.objectContaining({ code: 'bundle.signature' }),
  ]);
});

it('without a root an unsigned model runs', async () => {
  const model = await signedBundle(undefined);
  expect(await check(await configFile({ pipelines: { p: { source: 'rig', model } } }))).toMatchObject({ status: 0 });
});

it('a root that has expired is a warning: what acts goes on', async () => {
  const root = signedRoot(rootData({}, { expires: '2001-01-01T00:00:00Z' }));
  const { status, problems } = await check(await trusting(await signedBundle('modeller'), root));
  expect(problems).toEqual([
    expect.objectContaining({ severity: 'warning', path: 'trust.root', code: 'trust.root-expired' }),
  ]);
  expect(status).toBe(0);
});

it.each<[string, Uint8Array, string, number]>([
  ['is none', Buffer.from('{}'), 'trust.root-invalid', 2],
  ['lacks a signature', signedRoot(rootData(), ['alice']), 'trust.root-threshold', 1],
])('a root that %s is one problem of check, and keeps run from starting', async (_what, root, code, status) => {
  const file = await trusting(await signedBundle(undefined), root);
  expect(await check(file)).toMatchObject({ status, problems: [{ path: 'trust.root', code }] });
  const run = await cli(['run', file]);
  expect(run).toMatchObject({ status, stdout: '' });
  expect(run.stderr).toContain(code);
});

it('an absent root keeps run from starting', async () => {
  const file = await trusting(await signedBundle('modeller'));
  const config = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...config, trust: { root: 'nowhere.json' } }));
  expect(await check(file)).toMatchObject({ status: 2, problems: [{ code: 'registry.root-unreadable' }] });
});

import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { GatewayProcess } from '../support/gateway.ts';
import { cleanup, cli, configFile } from './support/cli.ts';

/** Rights by name, of a folder (`.`) and what is in it. */
function rights(folder: string): Record<string, string> {
  const names = ['.', ...readdirSync(folder)];
  return Object.fromEntries(names.map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]));
}

function expectPrivate(folder: string): void {
  const { '.': own, ...files } = rights(folder);
  expect(own).toBe('700');
  expect(Object.keys(files).length).toBeGreaterThan(2);
  for (const [name, mode] of Object.entries(files)) expect(`${name} ${mode}`).toBe(`${name} 600`);
}

beforeAll(() => {
  // Whoever starts a gateway by hand may have no mask at all.
  const before = process.umask(0);
  return () => void process.umask(before);
});

async function start(file: string): Promise<GatewayProcess> {
  const gateway = await GatewayProcess.start(file);
  cleanup(() => gateway.kill());
  return gateway;
}

describe('what a gateway writes is for its user alone', () => {
  it('state, while it runs, after kill -9 and after a stop; exports and support bundles, too', async () => {
    const file = await configFile({});
    const folder = join(dirname(file), 'data');
    const killed = await start(file);
    expectPrivate(folder);
    await killed.kill();
    expectPrivate(folder);
    await (await start(file)).terminate();
    expectPrivate(folder);
    const [records, bundle] = [join(dirname(file), 'records.jsonl'), join(dirname(file), 'bundle.tar.gz')];
    // Those of the same name that were there are no way in either.
    for (const path of [`${records}.partial`, bundle]) writeFileSync(path, '', { mode: 0o666 });
    await cli(['outbox', 'export', file, '--all', '--out', records]);
    await cli(['support-bundle', file, '--out', bundle]);
    expectPrivate(folder);
    for (const path of [records, bundle]) expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
  }, 60_000);

  it('what an earlier version left open is narrowed at the start, and the log says so', async () => {
    const file = await configFile({});
    const folder = join(dirname(file), 'data');
    await (await start(file)).terminate();
    chmodSync(folder, 0o755);
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
    const gateway = await start(file);
    expectPrivate(folder);
    expect(gateway.log).toMatch(/telemetry\.db.*state was open to other users/);
    await gateway.terminate();
  }, 60_000);

  it('but a folder with things of others in it stays as it is, and only our files are narrowed', async () => {
    const file = await configFile({});
    const folder = join(dirname(file), 'data');
    mkdirSync(folder, { mode: 0o755 });
    writeFileSync(join(folder, 'notes.txt'), 'of somebody else', { mode: 0o644 });
    await (await start(file)).terminate();
    chmodSync(join(folder, 'telemetry.db'), 0o644);
    const gateway = await start(file);
    const { '.': own, 'notes.txt': notes, ...ours } = rights(folder);
    expect([own, notes]).toEqual(['755', '644']);
    expect(new Set(Object.values(ours))).toEqual(new Set(['600']));
    expect(gateway.log).toContain('stays open to others');
    await gateway.terminate();
  }, 60_000);
});

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { EventRecord, OutboxRecord, PredictionRecord } from '../../src/common/core/index.ts';
import { freePort } from '../support/free-port.ts';
import { edgewright, GatewayProcess, writeConfig } from '../support/gateway.ts';

interface Setting {
  readonly folder: string;
  readonly file: string;
  readonly config: Record<string, unknown>;
  readonly gateway: GatewayProcess;
}

/** Windows of one reading of the simulated rig, whose bundle can be changed. */
async function setting(changes: object = {}): Promise<Setting> {
  const folder = await mkdtemp(join(tmpdir(), 'edgewright-reload-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bundle = join(folder, 'model');
  await cp(resolve('models/rig-anomaly'), bundle, { recursive: true });
  const config = {
    ...{ site: 'lab', device: 'gateway', http: { port: await freePort() } },
    sources: { rig: { type: 'simulator', assets: 3, speed: 20, start: '2024-05-01' } },
    pipelines: { wear: { source: 'rig', model: bundle } },
    ...changes,
  };
  const file = await writeConfig(folder, config);
  const gateway = await GatewayProcess.start(file, { 'http.port': config.http.port });
  onTestFinished(() => gateway.kill());
  return { folder, file, config, gateway };
}

/** Gives the bundle another version, and so another digest; its answers stay the same. */
async function newVersion(bundle: string, version: string): Promise<void> {
  const file = join(bundle, 'manifest.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), version }));
}

async function reload(file: string): Promise<{ applied: string[]; restart: string[] }> {
  const { status, stdout, stderr } = await edgewright(['reload', file, '--json']);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

async function recordsOf(file: string): Promise<OutboxRecord[]> {
  const { stdout } = await edgewright(['outbox', 'export', file, '--all']);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const predicted = (pipeline: string) => (status: Awaited<ReturnType<GatewayProcess['status']>>) =>
  (status.pipelines.find(({ name }) => name === pipeline)?.predictions ?? 0) >= 12;

it('acts while the gateway runs: each window is answered once, by the old or the new, and what needs a restart is named', async () => {
  const { folder, file, config, gateway } = await setting();
  await gateway.until('predictions', predicted('wear'));
  await newVersion(join(folder, 'model'), '99.0.0');
  const changed = {
    ...config,
    site: 'elsewhere',
    log: { level: 'debug' },
    pipelines: {
      wear: { source: 'rig', model: join(folder, 'model'), alarms: { always: { when: 'true' } } },
      second: { source: 'rig', model: resolve('models/rig-anomaly') },
    },
  };
  await writeConfig(folder, changed);
  const { applied, restart } = await reload(file);
  expect(restart).toEqual(['site']);
  expect(applied).toEqual(
    expect.arrayContaining(['log.level', 'pipelines.wear.alarms.always.when', 'pipelines.wear.model']),
  );
  expect(applied.some((path) => path.startsWith('pipelines.second'))).toBe(true);
  const status = await gateway.until(
    'predictions of both',
    (one) => predicted('wear')(one) && predicted('second')(one),
  );
  expect(status.models.map(({ pipeline, version }) => [pipeline, version])).toContainEqual(['wear', '99.0.0']);
  expect(status.site).toBe('lab');
  await gateway.terminate();
  const records = await recordsOf(file);
  const wear = records.filter(
    (record): record is PredictionRecord => record.type === 'prediction' && record.pipeline === 'wear',
  );
  for (const asset of new Set(wear.map((record) => record.asset))) {
    const own = wear.filter((record) => record.asset === asset);
    const change = own.findIndex(({ model }) => model.version === '99.0.0');
    expect(change).toBeGreaterThan(0);
    expect(own.slice(change).every(({ model }) => model.version === '99.0.0')).toBe(true);
    const steps = own.slice(1).map(({ to }, n) => to - (own[n]?.to ?? Number.NaN));
    expect(new Set(steps).size, asset).toBe(1);
  }
  expect(records.some(({ type }) => type === 'alarm')).toBe(true);
  const events = records.filter((record): record is EventRecord => record.type === 'event');
  expect(events.filter(({ event }) => event === 'config')).not.toEqual([]);
}, 120_000);

it('changes nothing where it is not valid, or a model cannot be had, and says why', async () => {
  const { folder, file, config, gateway } = await setting();
  await gateway.until('predictions', predicted('wear'));
  const before = (await gateway.status()).models;
  await writeConfig(folder, { ...config, pipelines: { wear: { source: 'rig', modell: 'x' } } });
  const invalid = await edgewright(['reload', file]);
  expect([invalid.status, invalid.stderr]).toEqual([2, expect.stringContaining('Did you mean model?')]);
  await writeConfig(folder, {
    ...config,
    pipelines: { ...(config['pipelines'] as object), other: { source: 'rig', model: join(folder, 'nowhere') } },
  });
  const missing = await edgewright(['reload', file]);
  expect(missing.status).toBe(1);
  expect(missing.stderr).toContain('nowhere');
  expect((await gateway.status()).models.map(({ digest }) => digest)).toEqual(before.map(({ digest }) => digest));
}, 120_000);

it('stops and starts a source that changes, alone, and takes pipelines away with their alarms', async () => {
  const always = { always: { when: 'true' } };
  const { folder, file, config, gateway } = await setting();
  const two = {
    ...config,
    sources: {
      ...(config['sources'] as object),
      other: { type: 'simulator', assets: 2, speed: 20, start: '2024-05-01' },
    },
    pipelines: {
      ...(config['pipelines'] as object),
      second: { source: 'other', model: resolve('models/rig-anomaly'), alarms: always },
    },
  };
  await writeConfig(folder, two);
  await reload(file);
  await gateway.until('predictions of both', (one) => predicted('wear')(one) && predicted('second')(one));
  const rig = (await gateway.status()).sources.find(({ name }) => name === 'rig')?.readings ?? 0;
  await writeConfig(folder, {
    ...two,
    sources: { ...two.sources, other: { type: 'simulator', assets: 4, speed: 20, start: '2024-05-01' } },
  });
  expect((await reload(file)).applied).toEqual(['sources.other.assets']);
  const status = await gateway.until('four machines', ({ pipelines }) =>
    pipelines.some(({ name, assets }) => name === 'second' && assets === 4),
  );
  expect(status.sources.find(({ name }) => name === 'rig')?.readings).toBeGreaterThanOrEqual(rig);
  await writeConfig(folder, config);
  await reload(file);
  expect((await gateway.status()).pipelines.map(({ name }) => name)).toEqual(['wear']);
  await gateway.terminate();
  const alarms = (await recordsOf(file)).flatMap((record) => (record.type === 'alarm' ? [record] : []));
  for (const asset of new Set(alarms.map((record) => record.asset))) {
    const last = alarms.filter((record) => record.asset === asset).at(-1);
    expect([last?.state, last?.reason]).toEqual(['cleared', 'removed']);
  }
}, 120_000);

it('is read again at SIGHUP, where the gateway has no terminal', async () => {
  const { folder, file, config, gateway } = await setting();
  await gateway.until('predictions', predicted('wear'));
  await newVersion(join(folder, 'model'), '98.0.0');
  await writeConfig(folder, { ...config, log: { level: 'debug' } });
  process.kill(gateway.pid ?? 0, 'SIGHUP');
  const status = await gateway.until('the new version', ({ models }) =>
    models.some(({ version }) => version === '98.0.0'),
  );
  expect(status.models).toHaveLength(1);
  await expect.poll(() => gateway.log, { timeout: 20_000 }).toContain('configuration read again');
  await writeFile(file, 'site: [');
  process.kill(gateway.pid ?? 0, 'SIGHUP');
  await expect.poll(() => gateway.log, { timeout: 20_000 }).toContain('configuration not taken');
  expect((await gateway.status()).models[0]?.version).toBe('98.0.0');
}, 120_000);

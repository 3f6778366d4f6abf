import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BENCH_MODEL, benchBundle } from './support/bundles.ts';
import { check, cli, configFile, temporaryFolder } from './support/cli.ts';

const PIPELINES = { bench: { source: 'rig', model: BENCH_MODEL } };

describe('a good configuration', () => {
  it('gives no line and 0', async () => {
    const { status, stdout, stderr } = await check(await configFile({ pipelines: PIPELINES }));
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('is called good where people read it', async () => {
    const file = await configFile({ pipelines: PIPELINES });
    expect(await cli(['check', file])).toEqual({ status: 0, stdout: `${file}: good, 1 pipeline(s)\n`, stderr: '' });
  });

  it('is left as it is, and so is everything around it', async () => {
    const file = await configFile({ pipelines: PIPELINES, outbox: { path: 'data' } });
    await check(file);
    expect(await readdir(dirname(file))).toEqual(['gateway.yaml']);
  });

  it.each(['demo', 'hydraulic', 'milling', 'turbofan'])(
    'is the shipped %s.yaml, without a broker and without data',
    async (name) => {
      const { status, problems } = await check(resolve(`device-config/${name}.yaml`), { cwd: await temporaryFolder() });
      expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(status).toBe(0);
    },
  );
});

describe('every problem comes at once', () => {
  it('each as a line of severity, path, code, message and hint', async () => {
    const file = await configFile({
      colour: 'red',
      sources: { rig: { type: 'simulator', sed: 1 } },
      pipelines: {
        bad: { source: 'rgi', model: 'nowhere', idle: 'soon', when: 'tags.', alarms: { hot: { when: '((' } } },
        tampered: { source: 'rig', model: await benchBundle({ 'golden.json': () => '{}' }, { listed: true }) },
      },
      outbox: { path: '/dev/null/outbox' },
    });
    const { status, problems, stderr } = await check(file);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    for (const problem of problems)
      expect(Object.keys(problem)).toEqual(['severity', 'path', 'code', 'message', 'hint']);
    expect(problems.map(({ path, code }) => `${path} ${code}`).sort()).toEqual(
      [
        'colour config.unknown-key',
        'outbox.path outbox.not-writable',
        'pipelines.bad.alarms.hot.when expression.invalid',
        'pipelines.bad.idle config.invalid-value',
        'pipelines.bad.model registry.bundle-missing',
        'pipelines.bad.source config.unknown-source',
        'pipelines.bad.when expression.invalid',
        'pipelines.tampered.model registry.bundle-tampered',
        'sources.rig.sed config.unknown-key',
      ].sort(),
    );
  });

  it('and is told to people with its place and what to do', async () => {
    const { status, stdout } = await cli(['check', await configFile({ http: { prot: 1 } })]);
    expect(status).toBe(2);
    expect(stdout).toContain('http.prot: unknown key prot');
    expect(stdout).toContain('Did you mean port? [config.unknown-key]');
    expect(stdout).toMatch(/1 error\(s\), 1 warning\(s\)\n$/);
  });
});

describe('the exit status', () => {
  it('is 2 for a file that is not there, which is a line like any other', async () => {
    const { status, problems, stderr } = await check(join(await temporaryFolder(), 'nowhere.yaml'));
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(problems).toEqual([expect.objectContaining({ severity: 'error', path: '', code: 'config.missing' })]);
  });

  it('is 2 for what is no YAML', async () => {
    const file = join(await temporaryFolder(), 'gateway.yaml');
    await writeFile(file, 'site: {');
    expect(await check(file)).toMatchObject({ status: 2, problems: [{ code: 'config.not-yaml' }] });
  });

  it('is 0 for warnings alone', async () => {
    const { status, problems } = await check(await configFile({}));
    expect(problems).toEqual([expect.objectContaining({ severity: 'warning', code: 'config.unused-source' })]);
    expect(status).toBe(0);
  });

  it('is 1 where only the world says no', async () => {
    const file = await configFile({ pipelines: PIPELINES, outbox: { path: '/dev/null/outbox' } });
    const { status, problems } = await check(file);
    const message = '/dev/null is not a folder';
    expect(problems).toEqual([expect.objectContaining({ path: 'outbox.path', code: 'outbox.not-writable', message })]);
    expect(status).toBe(1);
  });

  it('is 1 for a broker that does not answer, and only with --online', async () => {
    const file = await configFile({ pipelines: PIPELINES, uplink: { url: 'mqtt://me:hunter2@127.0.0.1:1' } });
    expect(await check(file)).toMatchObject({ status: 0, problems: [] });
    const { status, stdout } = await cli(['check', file, '--online', '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ path: 'uplink.url', message: expect.stringContaining('127.0.0.1:1') });
    expect(stdout).not.toContain('hunter2');
  });
});

describe('what a pipeline says about the model', () => {
  it.each<[what: string, changes: object, path: string, code: string, severity: string]>([
    [
      'a tag that it does not have',
      { tags: { v99: 'x' } },
      'pipelines.bench.tags.v99',
      'pipeline.unknown-tag',
      'error',
    ],
    [
      'a threshold that it does not have',
      { overrides: { threshold: { value: 1 } } },
      'pipelines.bench.overrides.threshold.value',
      'decision.unknown-override',
      'error',
    ],
  ])('must fit it: %s', async (_what, changes, path, code, severity) => {
    const file = await configFile({ pipelines: { bench: { ...PIPELINES.bench, ...changes } } });
    const { status, problems } = await check(file);
    expect(problems).toEqual([expect.objectContaining({ severity, path, code })]);
    expect(status).toBe(2);
  });

  describe('where each reading has one tag', () => {
    const topics = { rig: { type: 'mqtt', url: 'mqtt://127.0.0.1:1', topic: 'plant/{asset}/{tag}' } };
    const single = { rig: { ...topics.rig, topic: 'plant/{asset}', paths: { tag: 'name', value: 'v' } } };
    const whole = { rig: { ...topics.rig, topic: 'plant/{asset}' } };
    const all = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`v${i}`, '10m']));

    it.each([
      ['a topic for each tag', topics, {}, true],
      ['a tag in each payload', single, {}, true],
      ['some tags held', topics, { hold: { v0: '10m' } }, true],
      ['whole readings', whole, {}, false],
      ['joined readings', topics, { join: '500ms' }, false],
      ['all tags held', topics, { hold: '10m' }, false],
      ['all tags held but one', topics, { hold: all }, false],
    ])('is told what to write: %s', async (_what, sources, changes, warned) => {
      const { problems, status } = await check(
        await configFile({ pipelines: { bench: { ...PIPELINES.bench, ...changes } }, sources }),
      );
      const warning = { severity: 'warning', path: 'pipelines.bench', code: 'pipeline.single-tags' };
      expect(problems).toEqual(
        warned ? [expect.objectContaining({ ...warning, hint: expect.stringContaining('join: 500ms') })] : [],
      );
      expect(status).toBe(0);
    });
  });

  it('about tags that are held must fit it', async () => {
    const file = await configFile({ pipelines: { bench: { ...PIPELINES.bench, hold: { v99: '1m' } } } });
    expect(await check(file)).toMatchObject({
      status: 2,
      problems: [{ path: 'pipelines.bench.hold.v99', code: 'pipeline.unknown-tag' }],
    });
  });

  it('about times that cannot be is a warning', async () => {
    const model = resolve('models/rig-anomaly');
    const file = await configFile({ pipelines: { rig: { source: 'rig', model, hold: '10ms', join: '1s' } } });
    const { problems, status } = await check(file);
    expect(problems.map(({ path, code }) => `${path} ${code}`)).toEqual([
      ...Array(5).fill('pipelines.rig.hold pipeline.hold-short'),
      'pipelines.rig.join pipeline.join-unused',
    ]);
    expect(status).toBe(0);
  });

  it('about units is a warning', async () => {
    const assets = { pumps: { tags: { v0: { unit: 'bar' } } } };
    const { status, problems } = await check(await configFile({ pipelines: PIPELINES, assets }));
    expect(problems).toEqual([
      expect.objectContaining({
        severity: 'warning',
        path: 'assets.pumps.tags.v0.unit',
        code: 'pipeline.unit-differs',
      }),
    ]);
    expect(status).toBe(0);
  });
});

describe('files that the configuration names', () => {
  it('data that is not there yet is a warning', async () => {
    const sources = { rig: { type: 'file', path: 'nowhere.jsonl' } };
    const { status, problems } = await check(await configFile({ pipelines: PIPELINES, sources }));
    expect(problems).toEqual([expect.objectContaining({ severity: 'warning', path: 'sources.rig.path' })]);
    expect(status).toBe(0);
  });

  it('a token that is not there is an error', async () => {
    const file = await configFile({ pipelines: PIPELINES, http: { tokenFile: 'nowhere' } });
    const { status, problems } = await check(file);
    expect(problems).toEqual([
      expect.objectContaining({ severity: 'error', path: 'http.tokenFile', code: 'web.token-unreadable' }),
    ]);
    expect(status).toBe(2);
  });

  it('a secret from the environment is used and not told', async () => {
    const file = await configFile({ pipelines: PIPELINES, uplink: { url: 'mqtt://broker', keepalive: 'never' } });
    const folder = dirname(file);
    await mkdir(join(folder, 'secrets'));
    await writeFile(join(folder, 'secrets/password'), 'hunter2\n');
    await chmod(join(folder, 'secrets/password'), 0o600);
    const env = { EDGEWRIGHT__UPLINK__PASSWORD_FILE: join(folder, 'secrets/password') };
    const { status, stdout, stderr } = await check(file, { env });
    expect(status).toBe(2);
    expect(stdout + stderr).toContain('uplink.keepalive');
    expect(stdout + stderr).not.toContain('hunter2');
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess } from '../support/gateway.ts';
import { BENCH_MODEL, fixtureBundle } from './support/bundles.ts';
import { cleanup, cli, configFile, linesOf, temporaryFolder } from './support/cli.ts';

const PIPELINES = { bench: { source: 'rig', model: BENCH_MODEL } };

async function running(changes: Readonly<Record<string, unknown>> = {}) {
  const port = await freePort();
  const file = await configFile({ pipelines: PIPELINES, http: { port }, ...changes });
  const gateway = await GatewayProcess.start(file, { 'http.port': port });
  cleanup(() => gateway.kill());
  return { file, port, gateway };
}

describe('a gateway that runs', () => {
  it('writes its two lines to stdout, JSON lines to stderr, and ends with 0', async () => {
    const { gateway, port } = await running();
    expect(gateway.ready).toMatchObject({
      event: 'ready',
      http: `http://127.0.0.1:${port}`,
      boot: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(gateway.ready.models).toMatchObject([{ pipeline: 'bench', name: 'bench', state: 'ready', signed: false }]);
    const { status, stdout, stderr, stopped } = await gateway.terminate();
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stopped).toEqual({ event: 'stopped', pending: expect.any(Number) });
    for (const line of stderr.split('\n').slice(0, -1)) expect(JSON.parse(line)).toHaveProperty('level');
  });

  it('tells its own view to status', async () => {
    const { file, gateway } = await running();
    const ended = await cli(['status', file, '--json']);
    expect(ended.status).toBe(0);
    expect(linesOf(ended)).toEqual([expect.objectContaining({ site: 'lab', device: 'gateway-1', boot: gateway.boot })]);
    const shown = await cli(['status', file]);
    expect(shown.stdout).toContain('lab/gateway-1');
    expect(shown.stdout).toContain('bench 1.0.0 ready (unsigned)');
  });

  it('tells it to nobody who has not the token', async () => {
    const { file } = await running();
    const { status, stdout, stderr } = await cli(['status', file], { env: { EDGEWRIGHT_TOKEN: 'wrong' } });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('code: cli.refused');
  });

  it('keeps a second one from its outbox and is named by its pid, on its port or another', async () => {
    const { file, gateway, port } = await running();
    const pid = (await readFile(join(dirname(file), 'data/telemetry.db.pid'), 'utf8')).trim();
    for (const second of [port, 0]) {
      const { status, stdout, stderr } = await cli(['run', file], { env: { EDGEWRIGHT__HTTP__PORT: String(second) } });
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(`process ${pid} has it`);
      expect(stderr).toContain('code: store.locked');
    }
    expect((await gateway.status()).boot).toBe(gateway.boot);
  });

  it('keeps another gateway from its port', async () => {
    const { port } = await running();
    const other = await configFile({ pipelines: PIPELINES, http: { port } });
    const { status, stdout, stderr } = await cli(['run', other]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`http://127.0.0.1:${port}: the port is in use`);
    expect(stderr).toContain('code: web.port-in-use');
  });
});

describe('run refuses', () => {
  it('an invalid configuration with 2, and lists all that is wrong', async () => {
    const file = await configFile({ colour: 'red', pipelines: { bench: { source: 'rgi', model: 5 } } });
    const { status, stdout, stderr } = await cli(['run', file]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    for (const path of ['colour', 'pipelines.bench.source', 'pipelines.bench.model'])
      expect(stderr).toContain(`\n  ${path}: `);
  });

  it('models of which one fits, and names those that do not: it ends, whatever was loaded beside them', async () => {
    const broken = async (labels: readonly string[]) => {
      const folder = await fixtureBundle('mlp', 8);
      const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
      Object.assign(manifest.outputs.state, { labels });
      await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
      return folder;
    };
    const [two, three] = [await broken(['a', 'b']), await broken(['a', 'b', 'c'])];
    const pipelines = {
      ...{ fits: { source: 'rig', model: BENCH_MODEL }, two: { source: 'rig', model: two } },
      three: { source: 'rig', model: three },
    };
    const { status, stdout, stderr } = await cli(['run', await configFile({ pipelines })]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/two: target state of kind classes takes 2 column/);
    expect(stderr).toMatch(/three: target state of kind classes takes 3 column/);
  });

  it('a folder that cannot be written with 1', async () => {
    const file = await configFile({ pipelines: PIPELINES, outbox: { path: '/dev/null/outbox' } });
    const { status, stderr } = await cli(['run', file]);
    expect(status).toBe(1);
    expect(stderr).toContain('code: web.token-not-written');
  });

  it('a token that is named and not there with 2', async () => {
    const { status, stderr } = await cli([
      'run',
      await configFile({ pipelines: PIPELINES, http: { tokenFile: 'nowhere' } }),
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('code: web.token-unreadable');
  });

  it('and never tells a secret, at the most talkative level', async () => {
    const secret = join(await temporaryFolder(), 'password');
    await writeFile(secret, 'hunter2');
    const uplink = { url: 'mqtt://me:hunter2@127.0.0.1:1', password: 'hunter2' };
    const sources = { rig: { type: 'mqtt', url: 'mqtt://me:hunter2@127.0.0.1:1', topic: 'a/{asset}' } };
    const file = await configFile({ pipelines: PIPELINES, uplink, sources, log: { level: 'debug' } });
    const gateway = await GatewayProcess.start(file, { 'sources.rig.password_file': secret });
    cleanup(() => gateway.kill());
    const view = JSON.stringify(await gateway.status());
    const { stdout, stderr } = await gateway.terminate();
    expect(stderr).toContain('127.0.0.1:1');
    expect(view + stdout + stderr).not.toContain('hunter2');
  });
});

describe('status where nothing runs', () => {
  it('ends with 1 and says how to start it', async () => {
    const file = await configFile({ pipelines: PIPELINES, http: { port: await freePort() } });
    const { status, stdout, stderr } = await cli(['status', file], { env: { EDGEWRIGHT_TOKEN: 'x' } });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('code: cli.not-running');
  });

  it('ends with 1 too where the gateway has never run', async () => {
    const file = await configFile({ pipelines: PIPELINES, http: { port: await freePort() } });
    expect(await cli(['status', file, '--json'])).toMatchObject({ status: 1, stdout: '' });
  });

  it('says where the port is told when any was wanted', async () => {
    const file = await configFile({ pipelines: PIPELINES });
    const { status, stderr } = await cli(['status', file], { env: { EDGEWRIGHT_TOKEN: 'x' } });
    expect(status).toBe(1);
    expect(stderr).toContain('EDGEWRIGHT__HTTP__PORT');
  });

  it('ends with 1 too where something else has the port', async () => {
    const port = await freePort();
    const server = createServer((_, response) => response.end('<html>')).listen(port, '127.0.0.1');
    cleanup(async () => server.close());
    const file = await configFile({ pipelines: PIPELINES, http: { port } });
    const { status, stderr } = await cli(['status', file], { env: { EDGEWRIGHT_TOKEN: 'x' } });
    expect(status).toBe(1);
    expect(stderr).toContain('what answers there is no gateway');
  });
});

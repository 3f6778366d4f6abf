import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess } from '../support/gateway.ts';
import { BENCH_MODEL } from './support/bundles.ts';
import { cleanup, cli, configFile, temporaryFolder } from './support/cli.ts';

/** Each is a secret of the configuration, or becomes one where it stands. */
const SECRETS = {
  uplink: `in the file: "5f2c" 'x' #@%\\, and more`,
  address: 'p@ss/in?an#address:100%',
  source: 'from-the-environment-"77"',
  file: Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join(''),
  query: 'a-token&in=a#query@90',
};

async function setting() {
  const port = await freePort();
  const secretFile = join(await temporaryFolder(), 'password');
  await writeFile(secretFile, `${SECRETS.file}\n`);
  const nowhere = await freePort();
  const url = `mqtt://edge:${encodeURIComponent(SECRETS.address)}@127.0.0.1:${nowhere}`;
  const mqtt = { type: 'mqtt', topic: 'a/{asset}', url, username: 'edge' };
  const file = await configFile({
    http: { port },
    sources: {
      rig: { type: 'simulator' },
      one: mqtt,
      two: { ...mqtt, url: `mqtt://127.0.0.1:${nowhere}/?token=${encodeURIComponent(SECRETS.query)}` },
    },
    pipelines: { bench: { source: ['rig', 'one', 'two'], model: BENCH_MODEL } },
    uplink: { url, password: SECRETS.uplink },
  });
  const env = {
    EDGEWRIGHT__SOURCES__ONE__PASSWORD: SECRETS.source,
    EDGEWRIGHT__SOURCES__TWO__PASSWORD_FILE: secretFile,
  };
  const log = join(dirname(file), 'log.txt');
  await writeFile(log, `{"msg":"refused","url":"${url}","password":${JSON.stringify(SECRETS.source)}}\n`);
  return { file, env, log, port, folder: join(dirname(file), 'data') };
}

/** The files of a bundle as text, by name. */
async function bundle(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const out = join(await temporaryFolder(), 'bundle.tar.gz');
  const ended = await cli(['support-bundle', ...args, '--out', out], { env });
  expect([ended.status, ended.stderr]).toEqual([0, '']);
  expect((await stat(out)).mode & 0o077).toBe(0);
  const entries = await unpackTar(gunzipSync(await readFile(out)));
  return Object.fromEntries(
    entries.map(({ header, data }) => [
      header.name.replace('edgewright-support/', ''),
      Buffer.from(data ?? []).toString(),
    ]),
  );
}

function expectNoSecret(files: Readonly<Record<string, string>>, secrets: readonly string[]): void {
  const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  for (const [name, text] of Object.entries(files)) {
    for (const form of forms) expect(text.includes(form), `${form} in ${name}`).toBe(false);
  }
}

describe('support-bundle', () => {
  it('tells of a gateway that runs, and of one that stopped, without any secret', async () => {
    const { file, env, log, port, folder } = await setting();
    const gateway = await GatewayProcess.start(file, {
      'http.port': port,
      'sources.one.password': SECRETS.source,
      'sources.two.password': SECRETS.file,
    });
    cleanup(() => gateway.kill());
    const token = (await readFile(join(folder, 'http-token'), 'utf8')).trim();
    const secrets = [...Object.values(SECRETS), token];
    const running = await bundle([file, '--log', log], { ...env, EDGEWRIGHT_TOKEN: token });
    expectNoSecret(running, secrets);
    expect(JSON.parse(running['status.json'] ?? '')).toMatchObject({ boot: gateway.boot });
    expect(JSON.parse(running['audit.json'] ?? '')).toMatchObject({ ok: true });
    expect(running['log.txt']).toContain('refused');
    expect(JSON.parse(running['configuration.json'] ?? '')).toMatchObject({
      site: 'lab',
      uplink: { password: '[redacted]', url: expect.stringContaining('127.0.0.1') },
      sources: { one: { username: 'edge', password: '[redacted]' }, two: { password: '[redacted]' } },
    });
    await gateway.terminate();

    const stopped = await bundle([file], env);
    expectNoSecret(stopped, secrets);
    expect(Object.keys(stopped)).not.toContain('payloads.jsonl');
    expect(JSON.parse(stopped['telemetry.json'] ?? '')).toMatchObject({
      problems: [],
      ledger: expect.arrayContaining([expect.objectContaining({ type: 'event' })]),
    });
    expect(JSON.parse(stopped['control.json'] ?? '')).toMatchObject({
      problems: [],
      checkpoints: { head: { clean: true } },
    });
    expect(JSON.parse(stopped['audit.json'] ?? '')).toMatchObject({ ok: true, compared: true });
    expect(stopped['log.txt']).toContain('journalctl');
    expect(Object.values(stopped).join()).not.toContain('"type":"prediction"');

    const asked = await bundle([file, '--payloads'], env);
    expectNoSecret(asked, secrets);
    expect(asked['payloads.jsonl']).toContain('"event":"stop"');
  }, 60_000);

  it('tells none of a file that cannot be parsed, nor of what its log has', async () => {
    const file = join(await temporaryFolder(), 'gateway.yaml');
    await writeFile(file, 'uplink:\n  password: "hun#ter@2"\n  url: [\n');
    const log = join(dirname(file), 'log.txt');
    const url = 'mqtt://me:hun#ter@2@broker';
    await writeFile(log, `{"msg":"no answer from ${url}"}\nhun#ter@2 was refused\npassword = 'hun#ter@2'\n`);
    const files = await bundle([file, '--log', log], {});
    expect(files['log.txt']).toContain('was refused');
    expect(Object.values(files).join()).not.toMatch(/hun#|ter@2/);
  });

  it('tells what is wrong where the configuration is', async () => {
    const file = await configFile({ uplink: { url: 'mqtt://me:hunter2@broker', password: ['hunter3'] } });
    const files = await bundle([file], {});
    expect(files['problems.json']).toContain('uplink.password');
    expectNoSecret(files, ['hunter2', 'hunter3']);
  });

  it('ends with 2 where there is no configuration, and with 1 where it cannot write', async () => {
    const missing = await cli(['support-bundle', join(await temporaryFolder(), 'none.yaml')]);
    expect(missing.status).toBe(2);
    const file = await configFile({});
    const { status, stderr } = await cli(['support-bundle', file, '--out', join(dirname(file), 'no', 'folder.tar.gz')]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('support.not-written')]);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasMosquitto, Scene } from '../integration/support/scene.ts';

const FOLDER = 'examples';
/** Where the artifact lies in the image, and what of it lies where in the repository. */
const INSTALLED = '/opt/edgewright/';
/** ABI of each Node that may be under an image, as nodejs.org/dist/index.json has them. */
const ABI: Readonly<Record<string, string>> = { 20: '115', 22: '127', 24: '137' };

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

const text = (file: string) => readFileSync(join(FOLDER, file), 'utf8');
const { services, volumes }: { services: Record<'mosquitto' | 'gateway', Service>; volumes: Record<string, null> } =
  parse(text('compose.yaml'));
const { mosquitto, gateway } = services;
const { environment = {}, command = [], healthcheck } = gateway;
const dockerfile = text('Dockerfile')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))
  .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const);
const instruction = (name: string) => dockerfile.filter(([key]) => key === name).map(([, value]) => value);

/** Source and target of each mount of a service; a source without a slash is a volume. */
const mountsOf = ({ volumes: mounts }: Service) => mounts.map((mount) => mount.split(':'));

describe('compose.yaml', () => {
  it('is a broker and a gateway, built from the top of the repository', () => {
    expect(Object.keys(services)).toEqual(['mosquitto', 'gateway']);
    expect(mosquitto.image).toMatch(/^eclipse-mosquitto:2\.\d+\.\d+$/);
    expect(existsSync(join(FOLDER, gateway.build?.context ?? '', 'build.sh'))).toBe(true);
    expect(join(gateway.build?.context ?? '', gateway.build?.dockerfile ?? '')).toBe('../examples/Dockerfile');
  });

  it('lets nobody but this machine reach the broker, which asks for no password', () => {
    const [, port] = /^listener (\d+)$/m.exec(text('mosquitto.conf')) ?? [];
    expect(mosquitto.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(gateway.ports).toBeUndefined();
    expect(environment['EDGEWRIGHT__UPLINK__URL']).toBe(`mqtt://mosquitto:${port}`);
  });

  it('mounts files that are there, and volumes that it declares, one at the state and one at the broker’s', () => {
    const sources = [mosquitto, gateway].flatMap(mountsOf).map(([source = '']) => source);
    const files = sources.filter((source) => source.startsWith('.'));
    expect(files).toEqual(['./mosquitto.conf']);
    expect(files.filter((file) => !existsSync(join(FOLDER, file)))).toEqual([]);
    expect(sources.filter((source) => !files.includes(source)).sort()).toEqual(Object.keys(volumes).sort());
    expect(mountsOf(gateway).map(([, target]) => target)).toEqual([environment['EDGEWRIGHT__OUTBOX__PATH']]);
    const [, kept] = /^persistence_location (.*)\/$/m.exec(text('mosquitto.conf')) ?? [];
    expect(mountsOf(mosquitto).map(([, target]) => target)).toEqual(['/mosquitto/config/mosquitto.conf', kept]);
  });

  it('asks /healthz at the port that a gateway has by default', () => {
    const schema = JSON.parse(readFileSync('device-config/config.schema.json', 'utf8'));
    const { host, port } = schema.properties.http.properties;
    expect(healthcheck?.test.join(' ')).toContain(`http://${host.default}:${port.default}/healthz`);
  });
});

describe('the Dockerfile', () => {
  it('has the Node that the artifact which it unpacks is built for', () => {
    const [, major = ''] = /^node:(\d+)-/.exec(instruction('FROM')[0] ?? '') ?? [];
    const [, abi = ''] = /-node(\d+)\.tar\.gz /.exec(instruction('ADD')[0] ?? '') ?? [];
    expect(abi).toBe(ABI[major]);
    const [running = ''] = process.versions.node.split('.');
    expect(ABI[running] ?? process.versions.modules).toBe(process.versions.modules);
  });

  it('unpacks what build.sh makes', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const [, abi = ''] = /-node(\d+)/.exec(instruction('ADD')[0] ?? '') ?? [];
    const [pattern = ''] = (instruction('ADD')[0] ?? '').split(' ');
    const artifact = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
    expect(`dist/edgewright-${version}-linux-x64-node${abi}.tar.gz`).toMatch(artifact);
    expect(readFileSync('build.sh', 'utf8')).toContain("'node' + process.versions.modules");
  });

  it('runs the artifact’s program without the rights of root, on a state folder of its own', () => {
    expect(instruction('ENTRYPOINT')).toEqual([JSON.stringify([`${INSTALLED}edgewright`])]);
    expect(existsSync('packaging/edgewright')).toBe(true);
    const [user = 'root'] = instruction('USER');
    expect(user).toBe('node');
    expect(instruction('RUN').join()).toContain(`-o ${user} -g ${user} ${environment['EDGEWRIGHT__OUTBOX__PATH']}`);
  });
});

describe.skipIf(!hasMosquitto)('what compose.yaml runs (skipped without mosquitto)', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });
  afterEach(() => scene.close());

  it('is healthy and reaches its broker, without containers', async () => {
    const kept = await scene.folder();
    // startMosquitto has a listener of its own, on a free port.
    const config = text('mosquitto.conf')
      .replace(/^(listener|allow_anonymous) .*$/gm, '')
      .replace(/^persistence_location .*$/m, `persistence_location ${kept}/`);
    const broker = await scene.broker({ config });
    const consumer = await scene.consumer(broker);
    const [run, file = ''] = command;
    expect([run, file.startsWith(INSTALLED)]).toEqual(['run', true]);
    const overrides = { 'outbox.path': await scene.folder(), 'uplink.url': broker.url };
    const names = Object.keys(overrides).map((path) => `EDGEWRIGHT__${path.replace('.', '__').toUpperCase()}`);
    expect(Object.keys(environment).sort()).toEqual(names.sort());
    const process = await scene.gateway(file.slice(INSTALLED.length), overrides);
    await consumer.until('its start', () => consumer.count('gateway-demo', 'event') > 0);

    expect(await healthOf(process.ready.http)).toBe(0);
    await process.terminate();
    expect(await healthOf(process.ready.http)).toBe(1);
  }, 60_000);
});

/** Exit status of the health check, asked of another address. */
async function healthOf(url: string): Promise<number> {
  const [kind, program = '', ...args] = healthcheck?.test ?? [];
  expect(kind).toBe('CMD');
  const asked = args.map((arg) => arg.replace('http://127.0.0.1:8460', url));
  const [status] = await once(spawn(program, asked, { stdio: 'ignore' }), 'close');
  return status;
}

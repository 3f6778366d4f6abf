import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority, type Certificate, hasOpenssl } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { edgewright, writeConfig } from '../support/gateway.ts';
import type { Mosquitto } from '../support/mosquitto.ts';
import { readings } from './support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from './support/scene.ts';

const hasWebSockets = hasMosquitto && !/WebSockets support NOT/i.test(spawnSync('mosquitto', ['-h']).stdout.toString());

describe.skipIf(!hasMosquitto || !hasOpenssl)('brokers with TLS (skipped without mosquitto or openssl)', () => {
  const scene = new Scene();
  let folder: string;
  let authority: Authority;
  let client: Certificate;
  let broker: Mosquitto;
  let ports: Record<'mutual' | 'ws' | 'wss' | 'expired', number>;

  beforeAll(async () => {
    folder = await scene.folder();
    authority = new Authority(folder);
    client = authority.sign('gateway');
    const server = authority.sign('broker');
    const expired = authority.sign('old-broker', -1);
    ports = { mutual: await freePort(), ws: await freePort(), wss: await freePort(), expired: await freePort() };
    const tls = ({ cert, key }: Certificate) => `cafile ${authority.ca}\ncertfile ${cert}\nkeyfile ${key}`;
    const config = [
      // Else it gives up root, and cannot read the keys.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      `listener ${ports.mutual} 127.0.0.1\n${tls(server)}\nrequire_certificate true`,
      `listener ${ports.expired} 127.0.0.1\n${tls(expired)}`,
      ...(hasWebSockets ? [`listener ${ports.ws} 127.0.0.1\nprotocol websockets`] : []),
      ...(hasWebSockets ? [`listener ${ports.wss} 127.0.0.1\nprotocol websockets\n${tls(server)}`] : []),
    ];
    broker = await scene.broker({ config: config.join('\n') });
  }, 60_000);

  afterAll(() => scene.close());

  const configuration = (device: string, uplink: object, source: object = {}) => ({
    ...{ site: 'plant', device },
    sources: { plant: { type: 'mqtt', topic: `${device}/readings`, ...source } },
    pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
    uplink,
  });

  async function predictsOver(device: string, uplink: object, source?: object): Promise<void> {
    const consumer = await scene.consumer(broker);
    const gateway = await scene.gateway(configuration(device, uplink, source));
    await gateway.until('both links', ({ sources, link }) => {
      return sources[0]?.state === 'open' && link.state === 'connected';
    });
    const plant = await scene.plant(broker);
    await plant.publish(`${device}/readings`, readings(2, 31));
    await consumer.until('predictions', () => consumer.count(device, 'prediction') === 4);
    await gateway.terminate();
  }

  it('a client certificate, with paths beside the configuration, for uplink and source alike', async () => {
    const url = `mqtts://127.0.0.1:${ports.mutual}`;
    await predictsOver('mutual', { url, tls: { ca: authority.ca, ...client } });
  }, 60_000);

  it.skipIf(!hasWebSockets)(
    'WebSocket, and sources at several brokers at once (skipped without websockets)',
    async () => {
      const tls = { ca: authority.ca };
      const uplink = { url: `wss://127.0.0.1:${ports.wss}/mqtt`, tls };
      await predictsOver('wide', uplink, { url: `ws://127.0.0.1:${ports.ws}` });
    },
    60_000,
  );

  it.each([
    ['no certificate of ours', 'mutual', {}, 'certificate required'],
    ['a broker of an unknown CA', 'mutual', { ca: undefined }, 'CA of the broker is not known here'],
    ['a broker whose certificate has expired', 'expired', {}, 'has expired by the clock of this device'],
  ] as const)(
    '%s: says so and goes on without the link',
    async (_what, listener, changes, reason) => {
      const { ca } = { ca: authority.ca, ...changes };
      const uplink = { url: `mqtts://127.0.0.1:${ports[listener]}`, tls: ca === undefined ? {} : { ca } };
      const gateway = await scene.gateway(configuration('shut', uplink, { url: broker.url }));
      const { link } = await gateway.until('the reason', ({ link }) => 'reason' in link && link.reason !== undefined);
      expect(link).toMatchObject({ reason: expect.stringContaining(reason) });
      expect(gateway.log).toContain('link.tls');
      await gateway.terminate();
    },
    60_000,
  );

  it('files that are missing, do not belong together or have expired are found before the start', async () => {
    const url = `mqtts://127.0.0.1:${ports.mutual}`;
    const check = async (tls: object) => {
      const file = await writeConfig(await scene.folder(), configuration('checked', { url, tls }));
      const { stdout } = await edgewright(['check', file, '--json']);
      const problems = stdout
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      return problems.filter(({ path }) => path.startsWith('uplink')).map(({ path, message }) => `${path}: ${message}`);
    };
    const other = authority.sign('other');
    expect(await check({ ca: authority.ca, ...client })).toEqual([]);
    expect(await check({ ca: 'absent.crt' })).toEqual([
      expect.stringMatching(/^uplink\.tls\.ca: .*absent\.crt.*ENOENT/),
    ]);
    expect(await check({ cert: client.cert })).toEqual([expect.stringContaining('has cert without key')]);
    expect(await check({ cert: client.cert, key: other.key })).toEqual([
      expect.stringContaining('does not belong to the certificate of CN=gateway'),
    ]);
    expect(await check({ cert: join(folder, 'gateway.key'), key: client.key })).toEqual([
      expect.stringContaining('holds a private key and no certificate'),
    ]);
    expect(await check(authority.sign('late', -1))).toEqual([expect.stringContaining('CN=late has expired on')]);
    expect(await check({ ca: authority.intermediate('middle').ca })).toEqual([
      expect.stringMatching(/^uplink\.tls\.ca: .*the root is missing/),
    ]);
  }, 60_000);
});

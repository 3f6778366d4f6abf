import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Delivery, HttpWay, MqttWay } from '../../src/device/delivery/index.ts';
import { eventually } from '../link/support.ts';
import { openBlobs, silent, temporaryFolder } from '../support/blobs.ts';
import { startCable } from '../support/cable.ts';
import { Authority, hasOpenssl } from '../support/certificates.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { described, noise } from '../support/noise.ts';
import { gateway } from '../sync/plant.ts';
import { fileServer } from './http-server.ts';
import { bundle, serving } from './rig.ts';
import { CONTENT, describeWay, SHA256 } from './way-contract.ts';

const KIB = 1024;

describeWay('MQTT', async () => {
  const broker = await startMosquitto();
  onTestFinished(() => broker.stop());
  const cable = await startCable(broker.port);
  onTestFinished(() => cable.close());
  await serving(broker.url, await bundle({ m: CONTENT }));
  const { uplink } = gateway(cable.url);
  const way = new MqttWay(uplink);
  onTestFinished(() => uplink.stop(0));
  uplink.start();
  return { way, cut: async () => cable.cut(), mend: async () => cable.mend() };
});

describeWay('HTTP', async () => {
  const server = await fileServer(new Map([[SHA256, CONTENT]]));
  return {
    way: new HttpWay({ url: server.url, random: () => 0 }),
    cut: () => server.stop(),
    mend: () => server.start(),
  };
});

/** A delivery over HTTP of one file, with what came of it. */
async function fetchOver(url: string, tls?: ConstructorParameters<typeof HttpWay>[0]['tls'], signal?: AbortSignal) {
  const content = noise(200 * KIB);
  const { file } = described(content);
  const store = await openBlobs(temporaryFolder());
  const way = new HttpWay({ url, random: () => 0, ...(tls && { tls }) });
  const delivery = new Delivery({ store, way, logger: silent });
  return { outcome: delivery.fetchBundle([file], signal ? { signal } : {}), store, file, content };
}

const model = () => {
  const content = noise(200 * KIB);
  const { file, list } = described(content);
  return new Map<string, Uint8Array>([
    [file.sha256, content],
    [file.blocks, list],
  ]);
};

describe('a bundle over HTTP', () => {
  it('comes by ranges, none of which is longer than 64 KiB', async () => {
    const server = await fileServer(model());
    const { outcome, store, file, content } = await fetchOver(server.url);
    expect(await outcome).toEqual({ state: 'complete', bytes: 200 * KIB });
    expect(readFileSync(store.pathOf(file.sha256)).equals(content)).toBe(true);
    for (const range of server.ranges) {
      const [from = 0, to = 0] = range.split('-').map(Number);
      expect(to - from).toBeLessThan(64 * KIB);
    }
  });

  it('comes from a server that goes on beyond each range to the end of the file', async () => {
    const blobs = model();
    const answer: RequestListener = (request, response) => {
      const content = blobs.get(request.url?.split('/blobs/sha256/')[1] ?? '') ?? Buffer.alloc(0);
      const from = Number(/=(\d+)-/.exec(request.headers.range ?? '')?.[1]);
      response.writeHead(206, { 'content-range': `bytes ${from}-` }).end(content.subarray(from));
    };
    const server = await fileServer(new Map(), { answer });
    const { outcome, store, file } = await fetchOver(server.url);
    expect(await outcome).toMatchObject({ state: 'complete' });
    expect(store.has(file.sha256)).toBe(true);
  });

  it.each<[string, RequestListener]>([
    ['all of a file, whatever is asked for', (_, response) => response.writeHead(200).end(noise(500 * KIB, 7))],
    ['another range', (_, response) => response.writeHead(206, { 'content-range': 'bytes 7-99/100' }).end('x')],
    ['a redirection', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['what is packed', (_, response) => response.writeHead(206, { 'content-encoding': 'gzip' }).end(noise(900))],
    ['no end', (_, response) => void pour(response)],
  ])('from a server that gives %s does not come, and takes no disk', async (_what, answer) => {
    const server = await fileServer(new Map(), { answer });
    const stop = new AbortController();
    const { outcome, store } = await fetchOver(server.url, undefined, stop.signal);
    await eventually('a request', () => server.ranges.length > 0);
    setTimeout(() => stop.abort(), 300);
    expect(await outcome).toEqual({ state: 'cancelled' });
    expect(store.used).toBe(0);
  });

  it.each(['ftp://host/', 'nonsense', 'https://user:secret@host/', 'https://host/?token=1'])(
    'is not fetched from %s, which is refused without the secret in it',
    (url) => {
      const error = (() => {
        try {
          return new HttpWay({ url });
        } catch (thrown) {
          return thrown as Error & { code: string };
        }
      })();
      expect(error).toMatchObject({ code: 'delivery.bad-url' });
      expect(String(error)).not.toContain('secret');
    },
  );

  it.skipIf(!hasOpenssl)(
    'over TLS comes from a server of the CA, to a device with its certificate, and from no other',
    async () => {
      const authority = new Authority(temporaryFolder());
      const [server, device] = [authority.sign('server'), authority.sign('device')];
      const ca = readFileSync(authority.ca);
      const tls = { key: readFileSync(server.key), cert: readFileSync(server.cert), ca, requestCert: true };
      const files = await fileServer(model(), { tls });
      const own = { cert: readFileSync(device.cert), key: readFileSync(device.key) };
      expect(await (await fetchOver(files.url, { ca, ...own })).outcome).toMatchObject({ state: 'complete' });
      const before = files.ranges.length;
      for (const wrong of [own, { ca }]) {
        const way = new HttpWay({ url: files.url, tls: wrong, random: () => 0 });
        let closed = false;
        const end = way.listen({ connected() {}, closed: () => (closed = true), data() {}, malformed() {} });
        await way.ask({ token: 't', sha256: SHA256, block: 512, first: 0, count: 1, have: '' });
        await eventually('the refusal', () => closed);
        end();
      }
      expect(files.ranges.length).toBe(before);
    },
  );
});

/** Sends bytes for as long as somebody takes them. */
function pour(response: Parameters<RequestListener>[1]): void {
  response.writeHead(200);
  const more = () => {
    while (!response.destroyed && response.write(noise(64 * KIB, 9)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readTls } from '../../src/common/link/index.ts';
import { hasMosquitto } from '../sources/support.ts';
import { Authority, type Certificate, hasOpenssl } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { eventually, watched } from './support.ts';

describe.skipIf(!hasMosquitto || !hasOpenssl)('TLS to a real broker (skipped without mosquitto or openssl)', () => {
  let folder: string;
  let authority: Authority;
  let server: Certificate;
  let broker: Mosquitto;
  let port: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tls-'));
    authority = new Authority(folder);
    server = authority.sign('broker', 30, 'DNS:broker.plant');
    port = await freePort();
    const root = process.getuid?.() === 0 ? 'user root\n' : '';
    const { cert, key } = server;
    broker = await startMosquitto({
      config: `${root}listener ${port} 127.0.0.1\ncafile ${authority.ca}\ncertfile ${cert}\nkeyfile ${key}`,
    });
  });
  afterAll(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true });
  });

  const open = (url: string, tls: Parameters<typeof readTls>[0]) => {
    const made = watched(url, { tls: readTls({ ca: authority.ca, ...tls }) });
    onTestFinished(() => made.link.close());
    made.link.start();
    return made;
  };

  it('a broker reached by its address is known by serverName', async () => {
    await open(`mqtts://127.0.0.1:${port}`, { serverName: 'broker.plant' }).connected();
  });

  it('without it the certificate is for another name, which the error says with the way out', async () => {
    const { downs } = open(`mqtts://127.0.0.1:${port}`, {});
    const error = await eventually('the failure', () => downs[0]?.error);
    expect(error).toMatchObject({ code: 'link.tls', message: expect.stringContaining('for another name') });
    expect(error.hint).toContain('tls.serverName');
  });

  /** What stands before brokers in a cloud: goes by name and protocol, and gives the bare connection on. */
  async function front(protocols: string[]) {
    const asked: { name: string | false | undefined; protocol: string | false | null }[] = [];
    const options = { cert: readFileSync(server.cert), key: readFileSync(server.key), ALPNProtocols: protocols };
    const accept = createServer(options, (socket: TLSSocket) => {
      asked.push({ name: (socket as { servername?: string | false }).servername, protocol: socket.alpnProtocol });
      const inside = connect(broker.port, '127.0.0.1');
      socket.on('error', () => inside.destroy()).pipe(inside);
      inside.on('error', () => socket.destroy()).pipe(socket);
    });
    accept.listen(0, '127.0.0.1');
    await once(accept, 'listening');
    onTestFinished(() => void accept.close());
    return { asked, url: `mqtts://127.0.0.1:${(accept.address() as AddressInfo).port}` };
  }

  it.each(['mqtt', 'x-amzn-mqtt-ca'])('asks for the protocol %s and the name of the broker', async (alpn) => {
    const { asked, url } = await front(['x-amzn-mqtt-ca', 'mqtt']);
    await open(url, { serverName: 'broker.plant', alpn }).connected();
    expect(asked).toEqual([{ name: 'broker.plant', protocol: alpn }]);
  });

  it('asks for them over a WebSocket, too', async () => {
    const { asked, url } = await front(['x-amzn-mqtt-ca', 'mqtt']);
    open(url.replace('mqtts:', 'wss:'), { serverName: 'broker.plant', alpn: 'mqtt' });
    await eventually('the question', () => asked.length > 0);
    expect(asked[0]).toEqual({ name: 'broker.plant', protocol: 'mqtt' });
  });

  it('says that a protocol is not taken, and where it stands', async () => {
    const { url } = await front(['x-amzn-mqtt-ca']);
    const { downs } = open(url, { serverName: 'broker.plant', alpn: 'mqtt' });
    const error = await eventually('the failure', () => downs[0]?.error);
    expect(error).toMatchObject({ code: 'link.tls', message: expect.stringContaining('no application protocol') });
    expect(error.hint).toContain('tls.alpn');
  });
});

import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_CONNECTIONS } from '../../src/common/http/connections.ts';
import { apiRoute, type HttpServer, healthRoutes, startHttpServer } from '../../src/common/http/index.ts';

const TOKEN = 'a'.repeat(64);
/** ms within which health has to answer: a probe of a service manager waits a second or more. */
const PROMPT = 1_000;
const ended: (() => unknown)[] = [];
afterEach(() => Promise.all(ended.splice(0).map((end) => end())));

async function start(status: () => Promise<unknown> = async () => ({})): Promise<URL> {
  const server: HttpServer = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0, token: TOKEN },
    routes: [...healthRoutes(() => true), apiRoute('status', () => true, status)],
  });
  ended.push(() => server.close());
  return new URL(server.url);
}

/** A client that sends this as soon as it is connected, and nothing more; it reads what comes only where it `reads`. */
async function client({ port }: URL, text: string, reads = true): Promise<Socket> {
  const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
  ended.push(() => socket.destroy());
  if (reads) socket.resume();
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}

async function health(url: URL): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL('/healthz', url), { agent: false, timeout: PROMPT }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${PROMPT} ms`)));
    asked.on('error', reject);
    asked.end();
  });
}

const authorised = `authorization: Bearer ${TOKEN}\r\n\r\n`;

describe('/healthz answers at once', () => {
  it.each<[what: string, text: string]>([
    ['say nothing', ''],
    ['never end their headers', 'GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: '],
    ['never send their body', 'POST /api/status HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\na'],
    ['keep their connections after an answer', 'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: keep-alive\r\n\r\n'],
    ['wait for an answer that never comes', `GET /api/status HTTP/1.1\r\nhost: x\r\n${authorised}`],
  ])('while as many clients as there may be %s', async (_, text) => {
    const url = await start(() => new Promise(() => undefined));
    const clients = await Promise.all(Array.from({ length: 2 * MAX_CONNECTIONS }, () => client(url, text)));
    expect(clients).toHaveLength(2 * MAX_CONNECTIONS);
    for (let probe = 0; probe < 3; probe += 1) expect(await health(url)).toBe(200);
  });

  it('while clients do not read their long answers', async () => {
    const url = await start(async () => 'x'.repeat(1_000_000));
    const text = `GET /api/status HTTP/1.1\r\nhost: x\r\n${authorised}`;
    for (let n = 0; n < MAX_CONNECTIONS + 8; n += 1) await client(url, text, false);
    for (let probe = 0; probe < 3; probe += 1) expect(await health(url)).toBe(200);
  });

  it('also while silent clients come again as soon as they are dropped', async () => {
    const url = await start();
    let going = true;
    ended.push(() => {
      going = false;
    });
    const again = async (): Promise<void> => {
      while (going) await once(await client(url, ''), 'close');
    };
    for (let n = 0; n < MAX_CONNECTIONS + 8; n += 1) void again();
    for (let probe = 0; probe < 5; probe += 1) {
      expect(await health(url)).toBe(200);
      await delay(10);
    }
  });
});

describe('beyond the most connections', () => {
  it('the one that waited longest goes, and none that is being answered', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const asked = new Promise<void>((begun) => {
      void start(() => {
        begun();
        return new Promise((resolve) => {
          answer = resolve;
        });
      }).then(open);
    });
    let url: URL | undefined;
    let busy: Socket | undefined;
    const received: Buffer[] = [];
    async function open(at: URL): Promise<void> {
      url = at;
      busy = await client(at, '');
      busy.on('data', (data) => received.push(data));
      busy.write(`GET /api/status HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${authorised}`);
    }
    await asked;
    const at = url as unknown as URL;
    const first = await client(at, '');
    const closed = once(first, 'close');
    const others: Socket[] = [];
    for (let n = 2; n < MAX_CONNECTIONS; n += 1) others.push(await client(at, ''));
    expect(first.destroyed).toBe(false);
    others.push(await client(at, ''));
    await closed;
    expect(others.filter(({ destroyed }) => destroyed)).toEqual([]);
    answer({ device: 'gateway-1' });
    await once(busy as unknown as Socket, 'close');
    expect(Buffer.concat(received).toString()).toContain('gateway-1');
  });

  it('a connection without a request is ended within seconds, though there is room', async () => {
    const url = await start();
    const silent = await client(url, '');
    const slow = await client(url, 'GET /healthz HTTP/1.1\r\n');
    const began = performance.now();
    await Promise.all([once(silent, 'close'), once(slow, 'close')]);
    expect(performance.now() - began).toBeLessThan(9_000);
  }, 20_000);
});

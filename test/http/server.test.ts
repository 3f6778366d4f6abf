import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  apiRoute,
  type HttpServer,
  healthRoutes,
  httpUrl,
  type Route,
  startHttpServer,
} from '../../src/common/http/index.ts';

const TOKEN = 'a'.repeat(64);
const servers: HttpServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

interface Options {
  readonly host?: string;
  readonly port?: number;
  readonly ready?: () => boolean;
  readonly api?: { readonly status: () => Promise<unknown> };
  readonly routes?: readonly Route[];
}

async function start(options: Options = {}): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const { host = '127.0.0.1', port = 0, ready = () => true, routes = [] } = options;
  const { status } = options.api ?? { status: async () => ({ device: 'gateway-1' }) };
  const server = await startHttpServer({
    ...{ host, port, token: TOKEN },
    routes: [...healthRoutes(ready), apiRoute('status', ready, status), ...routes],
  });
  servers.push(server);
  return (path, init) => fetch(server.url + path, init);
}

const withToken = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

describe('health', () => {
  it('/healthz answers anyone while the process lives', async () => {
    const ask = await start({ ready: () => false });
    const response = await ask('/healthz?verbose=1');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  it('/readyz follows the gateway', async () => {
    let ready = false;
    const ask = await start({ ready: () => ready });
    expect((await ask('/readyz')).status).toBe(503);
    ready = true;
    expect((await ask('/readyz')).status).toBe(200);
  });

  it('answers HEAD as load balancers ask', async () => {
    const ask = await start();
    const response = await ask('/readyz', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('/api/status', () => {
  it('gives the gateway’s own view to whom has the token', async () => {
    const ask = await start();
    const response = await ask('/api/status', withToken(TOKEN));
    expect([response.status, await response.json()]).toEqual([200, { device: 'gateway-1' }]);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it.each<[what: string, init: RequestInit]>([
    ['no token', {}],
    ['a wrong token of the same length', withToken('b'.repeat(64))],
    ['a token cut short', withToken(TOKEN.slice(1))],
    ['an empty token', withToken('')],
    ['another scheme', { headers: { authorization: `Basic ${TOKEN}` } }],
    ['the token in a query', {}],
  ])('answers 401 to %s', async (what, init) => {
    const status = { asked: false };
    const ask = await start({
      api: {
        status: async () => {
          status.asked = true;
        },
      },
    });
    const response = await ask(what.includes('query') ? `/api/status?token=${TOKEN}` : '/api/status', init);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.text()).not.toContain(TOKEN);
    expect(status.asked).toBe(false);
  });

  it('tells nobody without the token what there is below /api', async () => {
    const ask = await start();
    expect((await ask('/api/nothing')).status).toBe(401);
    expect((await ask('/api/nothing', withToken(TOKEN))).status).toBe(404);
  });

  it('answers 503 while the gateway starts', async () => {
    const ask = await start({ ready: () => false });
    expect((await ask('/api/status', withToken(TOKEN))).status).toBe(503);
  });

  it('answers 500 where the gateway fails, and goes on', async () => {
    const ask = await start({ api: { status: () => Promise.reject(new Error('the store is gone')) } });
    const response = await ask('/api/status', withToken(TOKEN));
    expect([response.status, await response.json()]).toEqual([500, { error: 'the store is gone' }]);
    expect((await ask('/healthz')).status).toBe(200);
  });
});

describe('anything else', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s is 405, wherever', async (method) => {
    const ask = await start();
    for (const path of ['/healthz', '/api/status', '/nothing']) {
      const response = await ask(path, { method, ...withToken(TOKEN) });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    }
  });

  it.each(['/', '/api', '/status', '/healthz/', '/../etc/passwd'])('%s is 404', async (path) => {
    const ask = await start();
    expect((await ask(path, withToken(TOKEN))).status).toBe(404);
  });
});

describe('routes of others', () => {
  const made = async () => ({ code: 201, body: { made: true } });

  it('have a method, and the token where they ask for it', async () => {
    const ask = await start({
      routes: [
        { method: 'POST', path: '/api/things', auth: 'token', handle: made },
        { method: 'GET', path: '/metrics', auth: 'token', handle: async () => ({ code: 200, body: 1 }) },
      ],
    });
    const post = { method: 'POST' };
    const answers = await Promise.all([
      ask('/api/things', { ...post, ...withToken(TOKEN) }),
      ask('/api/things', post),
      ask('/api/nothing', post),
      ask('/api/nothing', { ...post, ...withToken(TOKEN) }),
      ask('/api/things', withToken(TOKEN)),
      ask('/healthz', post),
      ask('/metrics'),
      ask('/metrics', withToken(TOKEN)),
      ask('/nothing', { method: 'DELETE' }),
    ]);
    const got = answers.map(({ status, headers }) => [status, headers.get('allow')]);
    expect(got).toEqual([
      [201, null],
      [401, null],
      [401, null],
      [404, null],
      [405, 'POST'],
      [405, 'GET, HEAD'],
      [401, null],
      [200, null],
      [405, 'GET, HEAD, POST'],
    ]);
  });

  it.each<[what: string, route: Route]>([
    ['two routes for GET /healthz', { method: 'GET', path: '/healthz', auth: 'none', handle: made }],
    ['must take the token', { method: 'GET', path: '/api/open', auth: 'none', handle: made }],
  ])('are refused at the start: %s', async (what, route) => {
    await expect(start({ routes: [route] })).rejects.toThrow(what);
  });
});

describe('listening', () => {
  async function occupied(): Promise<{ port: number; server: Server }> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { port: address.port, server };
  }

  it('on a port that is in use is an error that says so', async () => {
    const { port, server } = await occupied();
    await expect(start({ port })).rejects.toMatchObject({
      code: 'web.port-in-use',
      subject: `http://127.0.0.1:${port}`,
      kind: { exit: 1 },
    });
    server.close();
  });

  it.each(['192.0.2.1', 'no.such.host.invalid'])('at %s, which is not this machine, is another error', async (host) => {
    await expect(start({ host })).rejects.toMatchObject({ code: 'web.listen-failed', kind: { exit: 1 } });
  });

  it('ends with close, also where a client keeps its connection', async () => {
    const ask = await start();
    await (await ask('/healthz')).text();
    await servers.pop()?.close();
    await expect(ask('/healthz')).rejects.toThrow();
  });

  it('tells its address as one can ask there', () => {
    expect(httpUrl('127.0.0.1', 80)).toBe('http://127.0.0.1:80');
    expect(httpUrl('::1', 80)).toBe('http://[::1]:80');
  });
});

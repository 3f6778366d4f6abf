import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reasonOf } from '../core/index.ts';
import { listenFailed, portInUse } from './errors.ts';

export interface WebOptions {
  readonly host: string;
  readonly port: number;
  /** What /api asks for as `Authorization: Bearer`. */
  readonly token: string;
  readonly ready: () => boolean;
  /** What GET /api/NAME answers, by name. */
  readonly api: Readonly<Record<string, () => Promise<unknown>>>;
}

export interface WebServer {
  /** `http://host:port` as it really listens. */
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly code: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** IPv6 addresses stand in brackets. */
export function httpUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Health for service managers without a token; everything under /api with one. Read-only. */
export async function startWeb(options: WebOptions): Promise<WebServer> {
  const server = createServer(
    { requestTimeout: 5_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      answer(options, request).then(
        (found) => send(response, found),
        (error: unknown) => send(response, { code: 500, body: { error: reasonOf(error) } }),
      );
    },
  );
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const subject = httpUrl(options.host, options.port);
      const fault =
        error.code === 'EADDRINUSE' ? portInUse(subject, 'the port is in use') : listenFailed(subject, reasonOf(error));
      reject(fault);
    });
    server.listen(options.port, options.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    url: httpUrl(address, port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const STARTING: Answer = { code: 503, body: { status: 'starting' } };

async function answer(options: WebOptions, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { code: 405, body: { error: 'only GET is answered' }, headers: { allow: 'GET, HEAD' } };
  }
  if (path === '/healthz') return { code: 200, body: { status: 'ok' } };
  if (path === '/readyz') {
    return options.ready() ? { code: 200, body: { status: 'ready' } } : STARTING;
  }
  if (!path.startsWith('/api/')) return { code: 404, body: { error: `nothing at ${path}` } };
  if (!authorised(request, options.token)) {
    const error = 'send the token of http.tokenFile as `Authorization: Bearer TOKEN`';
    return { code: 401, body: { error }, headers: { 'www-authenticate': 'Bearer' } };
  }
  const name = path.slice('/api/'.length);
  const ask = Object.hasOwn(options.api, name) ? options.api[name] : undefined;
  if (ask !== undefined) return options.ready() ? { code: 200, body: await ask() } : STARTING;
  return { code: 404, body: { error: `nothing at ${path}` } };
}

function authorised(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function send(response: ServerResponse, { code, body, headers }: Answer): void {
  response.writeHead(code, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(`${JSON.stringify(body)}\n`);
}

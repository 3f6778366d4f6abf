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
  readonly status: () => Promise<unknown>;
}

export interface WebServer {
  /** `http://host:port` as it really listens. */
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly code: number;
  readonly body: unknown;
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
      const subject = `http://${options.host}:${options.port}`;
      const fault =
        error.code === 'EADDRINUSE' ? portInUse(subject, 'the port is in use') : listenFailed(subject, reasonOf(error));
      reject(fault);
    });
    server.listen(options.port, options.host, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(options: WebOptions, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (request.method !== 'GET') return { code: 405, body: { error: 'only GET is answered' } };
  if (path === '/healthz') return { code: 200, body: { status: 'ok' } };
  if (path === '/readyz') {
    return options.ready() ? { code: 200, body: { status: 'ready' } } : { code: 503, body: { status: 'starting' } };
  }
  if (!path.startsWith('/api/')) return { code: 404, body: { error: `nothing at ${path}` } };
  if (!authorised(request, options.token)) {
    return { code: 401, body: { error: 'send the token of http.tokenFile as `Authorization: Bearer TOKEN`' } };
  }
  if (path === '/api/status') return { code: 200, body: await options.status() };
  return { code: 404, body: { error: `nothing at ${path}` } };
}

function authorised(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function send(response: ServerResponse, { code, body }: Answer): void {
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  response.writeHead(code, code === 401 ? { ...headers, 'www-authenticate': 'Bearer' } : headers);
  response.end(`${JSON.stringify(body)}\n`);
}

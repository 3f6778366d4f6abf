import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reasonOf } from '../core/index.ts';
import { boundConnections } from './connections.ts';
import { listenFailed, portInUse } from './errors.ts';
import type { HttpAnswer, Route } from './route.ts';
import { Router } from './router.ts';

/** Time for a whole request, headers and all, ms. */
const REQUEST_MS = 5_000;
/** How often requests are held against that, ms: Node's own 30 s would let them wait for half a minute. */
const CHECK_MS = 1_000;
/** Time without a byte in either direction, ms: nobody reads the answer, or nobody gives it. */
const SILENCE_MS = 10_000;
/** The most bytes of headers. */
const MAX_HEADERS = 8_192;

/** Where the server listens, and what it answers. */
export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** The token that routes with `auth: 'token'` take as `Authorization: Bearer`. */
  readonly token: string;
  /** The routes of whoever has something to answer; no two have the same method and path. */
  readonly routes: readonly Route[];
}

/** A server that listens. */
export interface HttpServer {
  /** `http://host:port` as it really listens: `port: 0` takes a free one. */
  readonly url: string;
  /** Stops listening, and ends what is being answered. */
  close(): Promise<void>;
}

/** The address of a server; one of IPv6 stands in brackets. */
export function httpUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Serves the routes over plain HTTP, meant for loopback. Throws `web.port-in-use` and `web.listen-failed`, and a
 * TypeError for routes that cannot be together.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const router = new Router(options.routes, options.token);
  const server = createServer(
    {
      requestTimeout: REQUEST_MS,
      headersTimeout: REQUEST_MS,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: MAX_HEADERS,
    },
    (request, response) => {
      router.answer(request).then(
        (found) => send(response, found),
        (error: unknown) => send(response, { code: 500, body: { error: reasonOf(error) } }),
      );
    },
  );
  server.setTimeout(SILENCE_MS);
  boundConnections(server);
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

function send(response: ServerResponse, { code, body, headers }: HttpAnswer): void {
  response.writeHead(code, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(`${JSON.stringify(body)}\n`);
}

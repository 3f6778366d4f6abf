import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface FileServer {
  readonly url: string;
  /** The ranges that were asked for. */
  readonly ranges: string[];
  stop(): Promise<void>;
  /** At the same port. */
  start(): Promise<void>;
}

interface Options {
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer; readonly ca?: Buffer; readonly requestCert?: boolean };
  /** In place of what a server of files does. */
  readonly answer?: RequestListener;
}

/** A server of blobs by ranges, as any web server is one. */
export async function fileServer(
  blobs: ReadonlyMap<string, Uint8Array>,
  { tls, answer }: Options = {},
): Promise<FileServer> {
  const ranges: string[] = [];
  const listener: RequestListener = (request, response) => {
    const content = blobs.get(request.url?.split('/blobs/sha256/')[1] ?? '');
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    ranges.push(`${from}-${to}`);
    if (answer !== undefined) answer(request, response);
    else if (content === undefined) response.writeHead(404).end('none');
    else if (Number(from) >= content.length) response.writeHead(416).end();
    else {
      const end = Math.min(Number(to), content.length - 1);
      const head = { 'content-range': `bytes ${from}-${end}/${content.length}` };
      response.writeHead(206, head).end(content.subarray(Number(from), end + 1));
    }
  };
  let server: Server | undefined;
  let port = 0;
  const start = async () => {
    server = tls === undefined ? createServer(listener) : createSecure({ ...tls, rejectUnauthorized: true }, listener);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  };
  const stop = async () => {
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    server = undefined;
    await closed;
  };
  await start();
  onTestFinished(stop);
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/models`, ranges, stop, start };
}

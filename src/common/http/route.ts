import type { IncomingMessage } from 'node:http';

/** The answer of a route. */
export interface HttpAnswer {
  /** HTTP status. */
  readonly code: number;
  /** Goes out as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One thing that can be asked of the server, contributed by whoever can answer it. */
export interface Route {
  /** HEAD is answered wherever GET is. */
  readonly method: 'GET' | 'POST';
  /** The whole path, without the query. */
  readonly path: string;
  /** Whether it takes the token. Everything below `/api/` does, so that nobody else learns what there is. */
  readonly auth: 'none' | 'token';
  /** Answers. A rejection is answered with 500 and its reason. */
  handle(request: IncomingMessage): Promise<HttpAnswer>;
}

const STARTING: HttpAnswer = { code: 503, body: { status: 'starting' } };

/**
 * The health of a process, for service managers and load balancers: `/healthz` while it lives, `/readyz` while it is
 * ready.
 */
export function healthRoutes(ready: () => boolean): Route[] {
  const health = { method: 'GET', auth: 'none' } as const;
  return [
    { ...health, path: '/healthz', handle: async () => ({ code: 200, body: { status: 'ok' } }) },
    {
      ...health,
      path: '/readyz',
      handle: async () => (ready() ? { code: 200, body: { status: 'ready' } } : STARTING),
    },
  ];
}

/** The route `/api/NAME`, which answers with what `ask` resolves with, or with 503 while there is nobody to ask. */
export function apiRoute(name: string, ready: () => boolean, ask: () => Promise<unknown>): Route {
  return {
    method: 'GET',
    path: `/api/${name}`,
    auth: 'token',
    handle: async () => (ready() ? { code: 200, body: await ask() } : STARTING),
  };
}

/** The same for what is to be done: POST, since it changes something. */
export function actionRoute(name: string, ready: () => boolean, act: () => Promise<unknown>): Route {
  return { ...apiRoute(name, ready, act), method: 'POST' };
}

import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HttpAnswer, Route } from './route.ts';

/** The path below which everything takes the token, also what is not there. */
const GUARDED = '/api/';

/** Finds the route of a request. Everything that concerns method, path and token is decided here. */
export class Router {
  readonly #routes: readonly Route[];
  readonly #token: string;

  /** Throws a TypeError for routes that cannot be together, or that would be open where everything takes the token. */
  constructor(routes: readonly Route[], token: string) {
    this.#routes = routes;
    this.#token = token;
    const seen = new Set<string>();
    for (const { method, path, auth } of routes) {
      const key = `${method} ${path}`;
      if (seen.has(key)) throw new TypeError(`two routes for ${key}`);
      if (path.startsWith(GUARDED) && auth !== 'token') throw new TypeError(`${key} must take the token`);
      seen.add(key);
    }
  }

  /** Answers a request. Rejects where its route does. */
  async answer(request: IncomingMessage): Promise<HttpAnswer> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    // A method that no route has is refused wherever: that tells nothing of what there is.
    if (!this.#routes.some((route) => route.method === method)) return notAllowed(this.#routes);
    if (path.startsWith(GUARDED) && !this.#isAuthorised(request)) return UNAUTHORISED;
    const here = this.#routes.filter((route) => route.path === path);
    const route = here.find((one) => one.method === method);
    if (route === undefined) {
      return here.length > 0 ? notAllowed(here) : { code: 404, body: { error: `nothing at ${path}` } };
    }
    if (route.auth === 'token' && !this.#isAuthorised(request)) return UNAUTHORISED;
    return route.handle(request);
  }

  #isAuthorised(request: IncomingMessage): boolean {
    const given = Buffer.from(request.headers.authorization ?? '');
    const wanted = Buffer.from(`Bearer ${this.#token}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}

const UNAUTHORISED: HttpAnswer = {
  code: 401,
  body: { error: 'send the token of http.tokenFile as `Authorization: Bearer TOKEN`' },
  headers: { 'www-authenticate': 'Bearer' },
};

function notAllowed(routes: readonly Route[]): HttpAnswer {
  const methods = [...new Set(routes.map(({ method }) => method))].sort();
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  return { code: 405, body: { error: `only ${methods.join(', ')} is answered` }, headers: { allow } };
}

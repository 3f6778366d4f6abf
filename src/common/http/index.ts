export { actionRoute, apiRoute, type HttpAnswer, healthRoutes, type Route } from './route.ts';
export { type HttpServer, type HttpServerOptions, httpUrl, startHttpServer } from './server.ts';
export { loadToken, readToken } from './token.ts';

export * from './server.ts';
export * from './token.ts';

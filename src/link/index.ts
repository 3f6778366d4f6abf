export type { BackoffLimits } from './backoff.ts';
export { Backoff, DEFAULT_BACKOFF } from './backoff.ts';
export * from './errors.ts';
export { topicMatches } from './filter.ts';
export { createLink, type LinkDeps } from './link.ts';
export type * from './types.ts';

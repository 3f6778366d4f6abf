export type { BackoffLimits } from './backoff.ts';
export { Backoff, DEFAULT_BACKOFF } from './backoff.ts';
export * from './errors.ts';
export { createLink, type LinkDeps } from './link.ts';
export { reasonName } from './reasons.ts';
export { checkAddress } from './target.ts';
export { readTls, type TlsFiles, tlsDateProblem, tlsSchema } from './tls-files.ts';
export { type SplitFilter, splitFilter, topicMatches } from './topic-filter.ts';
export type * from './types.ts';

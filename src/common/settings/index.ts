export * from './diff.ts';
export * from './load.ts';
export * from './problem.ts';
export { REDACTED, type Redaction, redactAddresses, redactorOf, redactSettings } from './redaction.ts';

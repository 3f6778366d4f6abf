export * from './load.ts';
export * from './problem.ts';
export { REDACTED, type Redaction, redactAddresses, redactSettings } from './redaction.ts';

export * from './diff.ts';
export * from './load.ts';
export * from './problem.ts';
export { type Redaction, redactLog, redactorOf, redactSettings, redactText } from './redaction.ts';

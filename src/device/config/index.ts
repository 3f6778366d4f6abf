export * from './load.ts';
export * from './problem.ts';
export { type ConfigData, configJsonSchema, configSchema } from './schema.ts';
export { REDACTED, type Redaction, redactAddresses, redactSettings } from './secrets.ts';

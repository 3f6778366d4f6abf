export * from './load.ts';
export { type ConfigData, configJsonSchema, configSchema } from './schema.ts';

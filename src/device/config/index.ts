export * from './load.ts';
export { stateFolderOf, tokenFileOf } from './places.ts';
export { type ConfigData, configJsonSchema, configSchema } from './schema.ts';

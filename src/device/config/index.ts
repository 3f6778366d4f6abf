export { brokersOf, type ConfiguredBroker } from './brokers.ts';
export * from './load.ts';
export { stateFolderOf, tokenFileOf } from './places.ts';
export { type ConfigData, configJsonSchema, configSchema } from './schema.ts';

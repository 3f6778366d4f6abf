export { type UplinkConfig, uplinkSchema } from './schema.ts';

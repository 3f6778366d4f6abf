export { type SupportDeps, type SupportOptions, type Written, writeSupportBundle } from './write.ts';

export type { ClaimLimits, Connect, DeviceState, LinkPort, OutboxPort, Received } from './ports.ts';
export { type UplinkConfig, uplinkSchema } from './schema.ts';
export { createUplink, type Memory, type Uplink, type UplinkDeps, type UplinkStatus } from './uplink.ts';

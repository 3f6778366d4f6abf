export type { InboundChannel, OutboundChannel } from './channels.ts';
export { type AnswerTo, answering, type CommandAnswer } from './command-answer.ts';
export { type Explain, explainAnswer } from './explain-answer.ts';
export type { BudgetStore, ClaimLimits, Connect, DeviceState, LinkPort, OutboxPort, Settlement } from './ports.ts';
export { type UplinkConfig, uplinkSchema } from './schema.ts';
export { createUplink, type Uplink, type UplinkDeps } from './uplink.ts';
export type { UplinkStatus } from './uplink-status.ts';

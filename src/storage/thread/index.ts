export { type AuditVerdict, verifyStopped } from './audit-chain.ts';
export type { ControlClient } from './control-client.ts';
export { openStorage, type Storage, type StorageOptions } from './open.ts';
export { type Committed, OutboxClient, type OutboxHandlers, type Patience } from './outbox-client.ts';

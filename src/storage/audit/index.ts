export { type AuditEntry, type ChainedEntry, type ChainHead, canonicalJson, entryHash, NO_HASH } from './chain.ts';
export { AuditLog } from './log.ts';
export { type ChainVerdict, type KnownPlace, verifyChain } from './verify.ts';

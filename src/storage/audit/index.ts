/**
 * The audit chain: events of the gateway, each with a hash over its content and the hash before it, so that nobody can
 * change, remove or reorder entries unseen, given one hash that was sent elsewhere.
 *
 * Entries are appended in the table `audit` of control.db, each in a transaction of its own, before the event is
 * reported anywhere. Beyond some 10,000 entries the oldest are deleted, and an entry `pruned` says which one is first
 * now and which hash comes before it. `verifyChain` needs the entries alone; what it is given as `known` finds an end
 * that was cut off. The format of the hashed bytes stands at `entryHash`; it can never change.
 */

export { type AuditEntry, type ChainedEntry, type ChainHead, canonicalJson, entryHash, NO_HASH } from './chain.ts';
export { AuditLog } from './log.ts';
export { type ChainVerdict, type KnownPlace, verifyChain } from './verify.ts';

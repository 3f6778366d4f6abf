export { type ArchiveOptions, type ArchivePage, OutboxArchive } from './archive.ts';
export { OutboxCore } from './core.ts';
export {
  type Entry,
  type EntryGroup,
  entryBytes,
  type Mark,
  stalledBytes,
  stalledGroup,
} from './entry.ts';
export { closed, threadFailed, threadStopped, unknownAside } from './errors.ts';
export { StallFold } from './folding/stall-fold.ts';
export { Gathering } from './gathering.ts';
export { checkUnlocked } from './holder.ts';
export { inspectOutbox, type OutboxInspection } from './inspect.ts';
export { readKnownEntry } from './known-entry.ts';
export type { LedgerRow, State } from './ledger.ts';
export { NO_PIPELINE } from './losses.ts';
export type { CommitResult, Notice, Opened, OutboxOptions, OutboxStats, PreviousBoot } from './options.ts';
export type {
  AuditEntry,
  AuditPlace,
  AuditPort,
  ControlPort,
  LastNote,
  OutboxPorts,
} from './ports.ts';
export type { Receipt, ReceiptRefusal, ReceiptVerdict } from './receipts.ts';
export type { ResendAnswer, ResendRequest } from './resends.ts';
export { type OutboxConfig, outboxSchema } from './schema.ts';
export type { ClaimLimits } from './sealer.ts';
export type { Told } from './told.ts';

export { type ArchiveOptions, type ArchivePage, OutboxArchive } from './archive.ts';
export { OutboxCore } from './core.ts';
export { closed, threadFailed, threadStopped, unknownAside } from './errors.ts';
export { inspectOutbox, type OutboxInspection, readKnownEntry } from './inspect.ts';
export type { Receipt, ReceiptRefusal, ReceiptVerdict } from './journal/claims/receipts.ts';
export type { ResendAnswer, ResendRequest } from './journal/claims/resends.ts';
export type { ClaimLimits } from './journal/claims/sealer.ts';
export type { EmittedWatermark } from './journal/emitted-watermarks.ts';
export { EntryBatcher } from './journal/entry-batcher.ts';
export { NO_PIPELINE } from './journal/losses/losses.ts';
export { StallFold } from './journal/losses/stall-fold.ts';
export type { CommitResult, Notice, OpenedBoot, OutboxOptions, OutboxStats, PreviousBoot } from './journal/options.ts';
export type {
  AuditEntry,
  AuditPlace,
  AuditPort,
  CommitNote,
  ControlPort,
  OutboxPorts,
} from './journal/ports.ts';
export {
  type Entry,
  type EntryGroup,
  entryBytes,
  type SourcePosition,
  stalledBytes,
  stalledGroup,
} from './journal/rows/entry.ts';
export type { LedgerRow, State } from './journal/rows/ledger.ts';
export { checkUnlocked } from './lock-check.ts';
export { type OutboxConfig, outboxSchema } from './schema.ts';

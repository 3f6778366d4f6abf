export { type ArchiveOptions, type ArchivePage, OutboxArchive } from './archive.ts';
export { type ClientOptions, OutboxClient, type OutboxHandlers, type Patience } from './client.ts';
export { OutboxCore } from './core.ts';
export { closed, threadFailed, threadStopped } from './errors.ts';
export { inspectOutbox, type OutboxInspection } from './inspect.ts';
export type { Receipt, ReceiptRefusal, ReceiptVerdict } from './journal/claims/receipts.ts';
export type { ResendAnswer, ResendRequest } from './journal/claims/resends.ts';
export type { ClaimLimits } from './journal/claims/sealer.ts';
export type { EmittedWatermark } from './journal/emitted-watermarks.ts';
export { NO_PIPELINE } from './journal/losses/losses.ts';
export type { CommitResult, OpenedBoot, OutboxOptions, OutboxStats, PreviousBoot } from './journal/options.ts';
export type {
  Asides,
  AuditEntry,
  AuditPlace,
  AuditPort,
  CommitNote,
  ControlPort,
  OutboxPorts,
  StoreParts,
} from './journal/ports.ts';
export type { Entry, EntryGroup, SourcePosition } from './journal/rows/entry.ts';
export type { LedgerRow, State } from './journal/rows/ledger.ts';
export { readKnownEntry } from './known-entry.ts';
export { checkUnlocked } from './lock-check.ts';
export { type OpenOptions, openOutbox } from './open.ts';
export { type OutboxConfig, outboxSchema } from './schema.ts';
export { serveOutbox } from './thread.ts';

export { type ArchiveOptions, type ArchivePage, OutboxArchive } from './archive.ts';
export { type ClientOptions, OutboxClient, type OutboxHandlers, type Patience } from './client.ts';
export { OutboxCore } from './core.ts';
export type { Entry, EntryGroup, Mark } from './entry.ts';
export { closed, threadFailed, threadStopped } from './errors.ts';
export { checkUnlocked } from './holder.ts';
export { inspectOutbox, type OutboxInspection } from './inspect.ts';
export { readKnownEntry } from './known-entry.ts';
export type { LedgerRow, State } from './ledger.ts';
export { NO_PIPELINE } from './losses.ts';
export { type OpenOptions, openOutbox } from './open.ts';
export type { CommitResult, Opened, OutboxOptions, OutboxStats, PreviousBoot } from './options.ts';
export type {
  Asides,
  AuditEntry,
  AuditPlace,
  AuditPort,
  ControlPort,
  LastNote,
  OutboxPorts,
  StoreParts,
} from './ports.ts';
export type { Receipt, ReceiptRefusal, ReceiptVerdict } from './receipts.ts';
export type { ResendAnswer, ResendRequest } from './resends.ts';
export { type OutboxConfig, outboxSchema } from './schema.ts';
export type { ClaimLimits } from './sealer.ts';
export { serveOutbox } from './thread.ts';
export type { Told } from './told.ts';

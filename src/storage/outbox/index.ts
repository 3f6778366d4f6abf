/**
 * The outbox: records that wait for the uplink, in one SQLite file. What it has committed is kept until it is
 * confirmed, or until a declared rule drops it, and then the ledger and a loss record say so.
 *
 * ## States of a record
 *
 *     entry --commit--> pending --confirm, receipt--> acked
 *                          |-----reject, too large--> dead
 *                          |-----no room, thinned---> folded (counted into a summary, which is a record itself)
 *                          |-----no room, retain----> dropped
 *                          `-----damaged------------> unreadable
 *
 * Before its commit an entry is in memory alone; a crash takes it, within the loss window while the disk takes commits. A claim is in memory,
 * too: after a restart every pending record is offered again. Acked and dead records stay for `keepAcked`, so that they
 * can be sent again, and are the first to go. All states but pending and acked are reported by a loss record.
 *
 * ## Threads
 *
 * `OutboxCore` and all that it is composed of belong to the storage thread: calls are synchronous, and time is an
 * argument. On the main thread there are only `EntryBatcher`, which makes a group of entries to send over, and
 * `StallFold`, which folds what memory has no room for while the disk is stalled. The room `thread` has the two ends
 * and the messages between them.
 *
 * ## Files
 *
 *     telemetry.db, -wal       tables record, urgent, settled, boot, ledger, mark, meta; see rows/tables.ts
 *     telemetry.db.lock, .pid  the lock of the process that has the file, and its number for people
 *     telemetry.db.damaged     a damaged file that was set aside, while its records are salvaged, and after
 *     ballast                  room that is given up when the disk is full
 *
 * ## Invariants
 *
 * - An id names one record for ever: ids grow over all boots, and the newest is never forgotten. A seq is an id counted
 *   from its boot's first record on, so seqs have no hole.
 * - Per pipeline and type: committed = acked + pending + dead + folded + dropped + unreadable. The ledger changes in
 *   the transaction that makes the change true; so do source positions, the degradation level and settled ranges.
 * - Memory is what the file says: after a transaction that failed it is read anew before anything else
 *   (`Transactions`).
 * - Each row has a checksum. A record that does not fit its checksum is never sent.
 * - A commit writes telemetry.db first, then the commit note in control.db, and then it is reported.
 * - The work of a start, a commit and a piece of idle work is bounded, however much is queued.
 *
 * ## Recovery
 *
 * A start finds the last commit in the log; nothing is replayed. A file that is found damaged, at a start or later, is
 * set aside, a fresh one goes on at once with the ledger and boots of the old file or of the commit note, and what
 * waits is brought over in idle time under its ids (`Repair`, `Salvage`). A sound file that ends before its commit note
 * has lost the end of its log: the ledger is put right, and the lost ids are reported. A disk that is full stops
 * commits, not the gateway.
 *
 * The folders, from the bottom up: `journal` (what is in the file and how it changes), `capacity` (how it stays within
 * its room and its times), `repair` (what is done where it is damaged). The files beside them are the face of the room.
 */

export { type ArchiveOptions, type ArchivePage, OutboxArchive } from './archive.ts';
export { OutboxCore } from './core.ts';
export { closed, threadFailed, threadStopped, unknownAside } from './errors.ts';
export { inspectOutbox, type OutboxInspection, readKnownEntry } from './inspect.ts';
export type { Receipt, ReceiptRefusal, ReceiptVerdict } from './journal/claims/receipts.ts';
export type { ResendAnswer, ResendRequest } from './journal/claims/resends.ts';
export type { ClaimLimits } from './journal/claims/sealer.ts';
export type { Emitted, EmittedAlarm, EmittedWatermark } from './journal/emitted.ts';
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
export type { LedgerRow, LedgerState } from './journal/rows/ledger.ts';
export { checkUnlocked } from './lock-check.ts';
export { type OutboxConfig, outboxSchema } from './schema.ts';

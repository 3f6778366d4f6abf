/**
 * control.db: what must outlive telemetry.db, in a file that is small, so that it stays whole where the large one is
 * damaged.
 *
 * It has the commit note (how far telemetry.db had come: newest record, ledger, boots), checkpoints of the pipelines,
 * the table of the audit chain, which the room `audit` fills, and small values by name. It belongs to the storage
 * thread.
 *
 * - The note is written after each commit of telemetry.db and before the commit is reported. It is believed only where
 *   telemetry.db is behind it; a note that is behind means a crash between the two.
 * - A checkpoint is a round of many small transactions that holds once `complete` has named it; rows of any other are
 *   deleted.
 * - A damaged control.db is set aside and another begun: the next checkpoint and note make up for it, and the audit
 *   chain says what it lost.
 */

export { type Checkpoint, type CheckpointHead, type CheckpointRow, Checkpoints } from './checkpoints.ts';
export { type CommitNote, Control, type ControlOptions, FILE, openControl, readControl } from './control.ts';
export { type ControlInspection, inspectControl } from './inspect.ts';

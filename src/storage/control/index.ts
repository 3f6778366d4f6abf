export { type Checkpoint, type CheckpointHead, type CheckpointRow, Checkpoints } from './checkpoints.ts';
export { type CommitNote, Control, type ControlOptions, FILE, openControl, readControl } from './control.ts';
export { type ControlInspection, inspectControl } from './inspect.ts';

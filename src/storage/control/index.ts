export { type Checkpoint, type CheckpointHead, type CheckpointRow, Checkpoints } from './checkpoints.ts';
export { Control, type ControlOptions, FILE, type Note, openControl, readControl } from './control.ts';
export { type ControlInspection, inspectControl } from './inspect.ts';

export { REJECT_REASONS, type RejectReason } from './reject.ts';
export { FAULTS, type FaultName, type RigFault } from './simulator/faults.ts';
export type { ModeName } from './simulator/modes.ts';
export { createRig, type Rig, type RigOptions } from './simulator/rig.ts';
export { RIG_TAG_NAMES, RIG_TAGS, RIG_TICK, type RigTag, type RigTagInfo } from './simulator/tags.ts';
export type { Source, SourceDefinition, SourceDeps, SourceSink } from './source.ts';

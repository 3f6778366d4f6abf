export {
  brokerOf,
  canWait,
  carriesOneTag,
  connectsToBroker,
  createSource,
  isUpTo,
  opensIn,
  recordingOf,
  SOURCE_TYPES,
  type SourceConfig,
  type SourceRecording,
  sourceSchema,
} from './catalogue.ts';
export type { FileConfig } from './file/schema.ts';
export type { MqttConfig } from './mqtt/schema.ts';
export { REJECT_REASONS, type RejectReason } from './reject.ts';
export { FAULTS, type FaultName, type RigFault } from './simulator/faults.ts';
export type { ModeName } from './simulator/modes.ts';
export { createRig, type Rig, type RigOptions } from './simulator/rig.ts';
export type { SimulatorConfig } from './simulator/schema.ts';
export { SimulatorSource } from './simulator/source.ts';
export { RIG_TAG_NAMES, RIG_TAGS, RIG_TICK, type RigTag, type RigTagInfo } from './simulator/tags.ts';
export type {
  Source,
  SourceBroker,
  SourceCommand,
  SourceDefinition,
  SourceDeps,
  SourceSink,
  SourceTraits,
} from './source.ts';

export { BUILD_TIME } from './build-date.ts';
export { Driver, type RecordSink } from './driver.ts';
export { type Engine, type EngineDeps, engineOf, openEngine } from './engine.ts';
export { type Gateway, type GatewayDeps, startGateway } from './gateway.ts';
export { Intake } from './intake.ts';
export { loadFor } from './load-for.ts';
export { findInstallation, type Installation } from './package-root.ts';
export type { GatewayStatus, ModelStatus, PipelineStatus, SourceStatus } from './status.ts';
export { createSystemClock, SystemClock } from './system-clock.ts';

export type { InferenceResponse } from '../inference/index.ts';
export { type Assembly, type AssemblyDeps, assemble } from './assembly.ts';
export { type AuditVerdict, verifyStopped } from './audit-chain.ts';
export { BUILD_TIME } from './build-date.ts';
export { checkGateway } from './checks.ts';
export type { Driver } from './driver.ts';
export { startGateway } from './gateway.ts';
export { Intake } from './intake.ts';
export {
  type BenchOutcome,
  benchModels,
  inspectFile,
  type ModelVerdict,
  runFile,
  testModels,
} from './models.ts';
export { checkOnline } from './online.ts';
export type { GatewayDeps } from './openers.ts';
export { packModel } from './pack.ts';
export { findInstallation, type Installation } from './package-root.ts';
export type { Gateway } from './running-gateway.ts';
export type { GatewayStatus, ModelStatus, PipelineStatus, SourceStatus } from './status.ts';
export { createSystemClock, SystemClock } from './system-clock.ts';

export type { EngineName } from './engine/engine.ts';
export { type EngineTensor, fromOip, toOip } from './engine/tensors.ts';
export {
  createInference,
  type Inference,
  type InferenceOptions,
  inferenceOptions,
  type LoadSpec,
} from './inference.ts';
export { type Comparison, compareTensors, type Tolerance } from './model/compare-tensors.ts';
export type { LoadedModel, ModelCallbacks, ModelStats } from './model/loaded-model.ts';
export { type InferenceConfig, inferenceSchema } from './schema.ts';
export type { Warning } from './tools/lint.ts';
export { type BenchFigures, type BenchRequest, benchModel } from './tools/model-bench.ts';
export { type InspectedValue, inspectModel, type ModelInspection } from './tools/model-inspect.ts';
export {
  type InferenceRequest,
  type InferenceResponse,
  parseRequest,
  type RunAnswer,
  runModel,
} from './tools/model-run.ts';
export { ModelSandbox, type ModelSandboxOptions } from './tools/model-sandbox.ts';
export { ModelTester, type TestRequest, type TestResult, type TestVerdict } from './tools/model-test.ts';
export { LEAST_RUNS } from './tools/percentiles.ts';
export type { HostOptions } from './worker/host.ts';

export type { Warning } from './advice.ts';
export { type Comparison, compareTensors, type Tolerance } from './comparison.ts';
export type { EngineName } from './engine.ts';
export type { ModelUse } from './fit.ts';
export { goldenSchema, parseGolden } from './golden.ts';
export type { HostOptions } from './host.ts';
export {
  createInference,
  type Inference,
  type InferenceOptions,
  inferenceOptions,
  type LoadSpec,
} from './inference.ts';
export { type InspectedValue, inspectModel, type ModelInspection } from './inspect.ts';
export type { LoadedModel, ModelCallbacks, ModelStats } from './loaded-model.ts';
export { type BenchFigures, type BenchRequest, benchModel } from './model-bench.ts';
export { type InferenceRequest, type InferenceResponse, parseRequest, type RunAnswer, runModel } from './model-run.ts';
export { ModelTester, type ModelVerdict, type TestRequest, type Verdict } from './model-test.ts';
export { LEAST_RUNS } from './quantile.ts';
export { type RowInput, type StateTensor, widthOf } from './row.ts';
export { type InferenceConfig, inferenceSchema } from './schema.ts';
export { externalFilesOf } from './screen.ts';
export { type EngineTensor, fromOip, toOip } from './tensors.ts';
export { Workbench, type WorkbenchOptions } from './workbench.ts';

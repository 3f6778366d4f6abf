export { type Comparison, compareTensors, type Tolerance } from './comparison.ts';
export type { EngineName } from './engine.ts';
export { goldenSchema, parseGolden } from './golden.ts';
export type { HostOptions } from './host.ts';
export {
  createInference,
  type Inference,
  type InferenceOptions,
  inferenceOptions,
  type LoadSpec,
} from './inference.ts';
export type { LoadedModel, ModelCallbacks, ModelStats } from './loaded-model.ts';
export { ModelTester, type ModelVerdict, type TesterOptions, type TestRequest, type Verdict } from './model-test.ts';
export { type InferenceConfig, inferenceSchema } from './schema.ts';
export { type EngineTensor, fromOip, toOip } from './tensors.ts';

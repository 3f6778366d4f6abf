export { type BenchOutcome, benchModels, inspectFile, runFile, type TestOutcome, testModels } from './model-files.ts';
export { type PackedModel, packModel } from './pack-model.ts';

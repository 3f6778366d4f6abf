export { type BenchOutcome, benchModels, inspectFile, runFile, type TestOutcome, testModels } from './model-files.ts';
export { packModel } from './pack-model.ts';

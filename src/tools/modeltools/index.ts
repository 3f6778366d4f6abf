export { type BenchOutcome, benchModels, inspectFile, type ModelVerdict, runFile, testModels } from './model-files.ts';
export { packModel } from './pack-model.ts';

export { type BenchOutcome, benchModels, inspectFile, type ModelVerdict, runFile, testModels } from './models.ts';
export { packModel } from './pack.ts';

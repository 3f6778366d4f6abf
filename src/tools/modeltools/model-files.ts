import { parse } from 'node:path';
import { EdgewrightError } from '../../common/core/index.ts';
import { externalFilesOf, parseGolden } from '../../common/onnx/index.ts';
import { createSystemClock, type Installation } from '../../device/runtime/index.ts';
import {
  type BenchFigures,
  benchModel,
  type EngineName,
  inspectModel,
  type ModelInspection,
  ModelSandbox,
  type ModelSandboxOptions,
  ModelTester,
  parseRequest,
  type RunAnswer,
  runModel,
  type TestResult,
} from '../../scoring/inference/index.ts';
import { findModels, type ModelFile, readBeside, readModelFile } from '../../scoring/registry/index.ts';

/** Memory that an engine may take while a model is tested, MiB. */
const TEST_MEMORY_MIB = 512;

/** Result of testing a model, and its file. */
export interface TestOutcome extends TestResult {
  readonly file: string;
}

/**
 * Tests every model found at the paths against its golden cases; a hostile one costs a bounded time. Throws
 * `registry.*`.
 */
export async function* testModels(
  paths: readonly string[],
  { engine, installation }: { engine: EngineName; installation: Installation },
): AsyncGenerator<TestOutcome> {
  const tester = createTester(engine, installation);
  for (const path of paths) {
    for (const model of await findModels(path)) yield { file: model.file, ...(await test(tester, model)) };
  }
}

async function test(tester: ModelTester, model: ModelFile): Promise<TestResult> {
  try {
    return await tester.test({ name: model.file, ...(await readWhole(model)) });
  } catch (error) {
    if (!(error instanceof EdgewrightError) || error.code === 'inference.engine-unavailable') throw error;
    return { verdict: 'refused', code: error.code, reason: error.message, hint: error.hint };
  }
}

/** Reads a model with what lies beside it: golden cases, and weights in files of their own. */
async function readWhole({ file, golden }: ModelFile) {
  const bytes = await readModelFile(file);
  const cases = golden === undefined ? undefined : parseGolden((await readModelFile(golden)).toString('utf8'), golden);
  const external = await readBeside(file, externalFilesOf(bytes));
  // Golden readings go through a whole bundle, and not through a model alone.
  return { bytes, external, ...(cases && cases.cases.length > 0 && { golden: cases }) };
}

/** Describes a model's file without running it. Throws `registry.*`, `onnx.*`. */
export async function inspectFile(file: string): Promise<ModelInspection & { readonly file: string }> {
  return { file, ...inspectModel(file, await readModelFile(file)) };
}

/**
 * Answers a request of the Open Inference Protocol v2, given as text from `origin`. Throws `registry.*`, `onnx.*`,
 * `inference.*`.
 */
export async function runFile(
  file: string,
  request: { readonly text: string; readonly origin: string },
  { engine, installation }: { engine: EngineName; installation: Installation },
): Promise<RunAnswer> {
  const parsed = parseRequest(request.text, request.origin);
  const { bytes, external } = await readWhole({ file, golden: undefined });
  const model = { name: file, bytes, external };
  const { response, leftOut } = await runModel(createSandbox(engine, installation), model, parsed);
  return { response: { ...response, model_name: parse(file).name }, leftOut };
}

/** Figures of a model on one engine, or why there are none. */
export type BenchOutcome = { readonly file: string; readonly engine: EngineName } & (
  | BenchFigures
  | { readonly code: string; readonly reason: string; readonly hint: string }
);

/** Settings of a measurement. */
export interface BenchOptions {
  readonly engines: readonly EngineName[];
  readonly runs: number;
  /** Time that one model may cost on one engine, ms. */
  readonly budget: number;
  readonly installation: Installation;
  readonly onProgress: (file: string, engine: EngineName, done: number) => void;
}

/**
 * Measures every model found at the paths on each engine; one that cannot be measured yields its reason. Throws
 * `registry.*`.
 */
export async function* benchModels(paths: readonly string[], options: BenchOptions): AsyncGenerator<BenchOutcome> {
  const { engines, runs, budget, installation, onProgress } = options;
  const benches = engines.map((engine) => ({ engine, sandbox: createSandbox(engine, installation, budget) }));
  for (const path of paths) {
    for (const model of await findModels(path)) {
      const { file } = model;
      for (const { engine, sandbox } of benches) {
        try {
          const whole = await readWhole(model);
          const request = { name: file, ...whole, runs, onProgress: (done: number) => onProgress(file, engine, done) };
          yield { file, engine, ...(await benchModel(sandbox, request)) };
        } catch (error) {
          if (!(error instanceof EdgewrightError)) throw error;
          yield { file, engine, code: error.code, reason: error.message, hint: error.hint };
        }
      }
    }
  }
}

function createTester(engine: EngineName, installation: Installation): ModelTester {
  return new ModelTester(sandboxOptions(engine, installation));
}

function createSandbox(engine: EngineName, installation: Installation, budget?: number): ModelSandbox {
  return new ModelSandbox({ ...sandboxOptions(engine, installation), ...(budget === undefined ? {} : { budget }) });
}

function sandboxOptions(engine: EngineName, { inference }: Installation): ModelSandboxOptions {
  return { engine, ...inference, memoryMiB: TEST_MEMORY_MIB, clock: createSystemClock(0) };
}

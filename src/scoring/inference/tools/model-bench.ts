import type { GoldenCases } from '../../../common/core/index.ts';
import { type EngineTensor, fromOip } from '../engine/tensors.ts';
import { checkGolden } from '../model/check-golden.ts';
import { precheck } from '../model/precheck.ts';
import type { ModelSandbox, SandboxedModel } from './model-sandbox.ts';
import { percentiles } from './percentiles.ts';
import { syntheticInputs } from './synthetic-inputs.ts';

/** Model to measure, and how often it is run. */
export interface BenchRequest {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Golden cases, of which the first is run; without them, synthetic inputs are. */
  readonly golden?: GoldenCases;
  readonly external?: ReadonlyMap<string, Uint8Array>;
  readonly runs: number;
  readonly onProgress?: (done: number) => void;
}

/** Cost of one model on this device, on one engine and one core. */
export interface BenchFigures {
  /** Version of the engine. */
  readonly version: string;
  /** Size of the model's file. */
  readonly bytes: number;
  readonly loadMs: number;
  /** Rows that a run answers: the first dimension of the first input. */
  readonly rows: number;
  readonly runs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Upper bound of the 99th percentile (95% confidence, any distribution); null below 299 runs. */
  readonly p99UpperUs: number | null;
  /** Memory of the engine with the model: WebAssembly's, or the process's. */
  readonly memoryBytes: number;
}

/**
 * Time of runs that are not measured, ms: WebAssembly starts at a sixth of its speed and is optimised while it runs.
 */
const WARM_UP_MS = 500;
/** Least time between two reports of progress, ms. */
const CHUNK_MS = 100;

/** Measures a model in the sandbox. Throws `onnx.*`, `inference.*`. */
export async function benchModel(sandbox: ModelSandbox, request: BenchRequest): Promise<BenchFigures> {
  const { name, bytes, golden, external } = request;
  const given = golden?.cases[0]?.inputs.map((input) => input.name) ?? [];
  const prechecked = precheck(name, bytes, { given, ...(external && { external }) });
  await sandbox.ready();
  const began = performance.now();
  return sandbox.open(name, prechecked.bytes, async (model) => {
    const loadMs = Math.round(performance.now() - began);
    if (golden !== undefined) checkGolden(golden, { name, session: model.session });
    const inputs = golden === undefined ? await syntheticInputs(name, model) : goldenInputs(golden);
    const measured = await measure(model, inputs, request);
    return { version: model.version, bytes: bytes.length, loadMs, rows: rowsOf(inputs), ...measured };
  });
}

function goldenInputs({ cases: [first] }: GoldenCases): ReadonlyMap<string, EngineTensor> {
  return new Map((first?.inputs ?? []).map((input) => [input.name, fromOip(input)]));
}

const rowsOf = (inputs: ReadonlyMap<string, EngineTensor>) => [...inputs.values()][0]?.shape[0] ?? 1;

async function measure(
  { client, session }: SandboxedModel,
  inputs: ReadonlyMap<string, EngineTensor>,
  { runs, onProgress }: BenchRequest,
): Promise<Pick<BenchFigures, 'runs' | 'p50Us' | 'p99Us' | 'p99UpperUs' | 'memoryBytes'>> {
  const fetches = session.outputs.map((output) => output.name);
  const chunk = await warmUp((count) => client.measure(inputs, fetches, count));
  const micros = new Float64Array(runs);
  let memoryBytes = 0;
  for (let done = 0; done < runs; done += chunk) {
    const part = await client.measure(inputs, fetches, Math.min(chunk, runs - done));
    micros.set(part.micros, done);
    memoryBytes = part.memoryBytes;
    onProgress?.(Math.min(runs, done + chunk));
  }
  const { p50, p99, p99Upper = null } = percentiles(micros);
  return { runs, p50Us: p50, p99Us: p99, p99UpperUs: p99Upper, memoryBytes };
}

/** Runs the model until its code is warm; returns how many runs make a chunk. */
async function warmUp(run: (count: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let count = 1;
  for (;;) {
    const before = performance.now();
    await run(count);
    const took = performance.now() - before;
    if (took < CHUNK_MS) count *= 2;
    if (performance.now() - start > WARM_UP_MS) return count;
  }
}

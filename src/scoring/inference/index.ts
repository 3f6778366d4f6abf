/**
 * Inference: runs models in workers that may crash or hang, and gives each row exactly one answer.
 *
 * Engines: `wasm` is ONNX Runtime Web and runs on every machine: a worker is a thread, and all threads share code that
 * was compiled once. `native` is onnxruntime-node, where it is installed: a worker is a process, because a fault in
 * machine code would take the gateway along; a thread in that process ends it when the gateway is gone. `auto` takes
 * native where it answers a trial model on this machine, else wasm.
 *
 * Workers: each model has a pool of its own (`inference.workers`), so that a model that hangs disturbs no other. A
 * worker has one engine and one model, and does one step at a time. The main thread sees it as a ModelWorker, which
 * speaks through a WorkerTransport to a WorkerServer on the other side.
 *
 * Loading: a model becomes ready in these steps: precheck (its file, without running it), load, bind its inputs to
 * those of the pipeline, golden cases within their tolerance, trial of batch sizes, warm-up. Any of them may refuse the
 * model, and then no worker is left. A worker that is added or replaced later only loads the model and answers one row.
 *
 * Tickets: a ticket stands for one row. `submit` copies the row into the open batch. The batch leaves as soon as a
 * worker is free for it, once it is full or has waited `batch.wait` (0: until this turn of the event loop ends); a
 * worker has at most two batches before it. The ticket then gets one result or one failure, in any order of tickets,
 * never from within `submit`.
 *
 * Batching: rows share a run only where that cannot change an answer: the file shows no hazard, the first dimension is
 * free, and trial batches of several sizes gave the bits that each row had alone. Otherwise a batch still travels as
 * one message, but its rows run one by one. A batch that fails is tried again row by row, so that a bad row fails
 * alone.
 *
 * Pressure: `credit` withholds beyond 8 batches a worker; a producer that goes on all the same gets
 * `inference.overloaded` once 64 MiB of rows wait, and at least four times the credit. Nothing waits for disk or link.
 *
 * Deadlines: `deadline.create` bounds a load, `deadline.run` each run; a long batch of single runs is no overrun,
 * because a heartbeat counts its runs. Time is counted in ticks of the main thread: while that stands still, none
 * pass. An overrun ends the worker.
 *
 * Restarts: a worker that dies fails its unanswered tickets and is replaced: the first time at once, then after waits
 * that double (`restarts.backoff`), and from the second death on with a lower priority. Beyond `restarts.max` within
 * `restarts.within` the model stays off, and every ticket fails with `inference.model-failed`.
 *
 * Memory: `inference.memory` caps a worker's engine: WebAssembly's memories in a thread, the address space of a
 * process. An allocation beyond it fails inside the engine as `inference.out-of-memory`.
 *
 * Invariants: a ticket has one answer. Two runs never overlap in one engine. A model that has not met its golden cases
 * answers nothing. An engine in an unknown state is never used again: its worker ends. No error inside a worker reaches
 * the program but as the failure of a load or a ticket.
 */
export type { EngineName } from './engine/engine.ts';
export {
  createInference,
  type Inference,
  type InferenceOptions,
  inferenceOptions,
  type LoadSpec,
} from './inference.ts';
export type { LoadedModel, ModelCallbacks, ModelStats } from './model/loaded-model.ts';
export { inferenceSchema } from './schema.ts';
export { type BenchFigures, benchModel } from './tools/model-bench.ts';
export { inspectModel, type ModelInspection } from './tools/model-inspect.ts';
export { parseRequest, type RunAnswer, runModel } from './tools/model-run.ts';
export { ModelSandbox, type ModelSandboxOptions } from './tools/model-sandbox.ts';
export { ModelTester, type TestResult } from './tools/model-test.ts';
export type { HostOptions } from './worker/host.ts';

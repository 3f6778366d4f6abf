import fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { BatchRunner } from './batch-runner.ts';
import { type Engine, type Session, withHeartbeat } from './engine.ts';
import { runFailed } from './errors.ts';
import { type Answer, type Request, type ThreadData, toWire } from './messages.ts';
import { Mutex } from './mutex.ts';
import { capMemory, type WasmModule, wasm } from './wasm-api.ts';
import { createWasmEngine } from './wasm-engine.ts';

/** Entry of an inference thread: one engine, one model, one step of work at a time. */
class InferenceThread {
  readonly #engine: Engine;
  #session: Session | undefined;
  #runner: BatchRunner | undefined;

  constructor({ glue, heartbeat }: ThreadData) {
    const engine = createWasmEngine({ loader: new URL(import.meta.url), wasmFile: new URL(glue) });
    this.#engine = withHeartbeat(engine, new Int32Array(heartbeat));
  }

  async answer(request: Request): Promise<Answer> {
    const { id } = request;
    if (request.kind === 'create') {
      sharedModule = request.module;
      this.#session = await this.#engine.create(request.model);
      return { id, session: this.#session.info, version: this.#engine.version };
    }
    if (this.#session === undefined) throw runFailed('model', 'no model is loaded in this thread');
    if (request.kind === 'infer') return { id, outputs: await this.#session.run(request.inputs, request.fetches) };
    if (request.kind === 'bind') {
      this.#runner = new BatchRunner(this.#session, request.binding);
      return { id, bound: true };
    }
    if (this.#runner === undefined) throw runFailed('model', 'no batch layout is bound in this thread');
    return { id, ...(await this.#runner.run(request.rows, request.buffer)) };
  }
}

let sharedModule: WasmModule | undefined;

/**
 * ONNX Runtime imports the module that makes its WebAssembly instance by URL, and this file names itself: so the
 * instance is made of the code that the main thread compiled once, instead of compiling it in every thread.
 */
export default async function instantiate(options: object): Promise<object> {
  const { glue } = workerData as ThreadData;
  const { default: create } = (await import(glue)) as { default: (options: object) => Promise<object> };
  const instantiateWasm = (imports: object, done: (instance: object, module: WasmModule) => void) => {
    if (sharedModule === undefined) throw new Error('no compiled module was given');
    done(new wasm.Instance(sharedModule, imports), sharedModule);
    return {};
  };
  return create({ ...options, instantiateWasm });
}

/** The engine's glue writes to file descriptors 1 and 2 when it aborts; they are the program's, and the error comes anyway. */
function silenceDescriptors(): void {
  const write = fs.writeSync;
  fs.writeSync = ((descriptor: number, ...rest: [string]) =>
    descriptor <= 2 ? rest[0].length : write(descriptor, ...rest)) as typeof fs.writeSync;
}

function serve(port: NonNullable<typeof parentPort>, data: ThreadData): void {
  capMemory(data.memoryBytes);
  silenceDescriptors();
  const thread = new InferenceThread(data);
  const mutex = new Mutex();
  port.on('message', (request: Request) => {
    void mutex.run(async () => {
      const answer = await thread.answer(request).catch((error): Answer => ({ id: request.id, error: toWire(error) }));
      port.postMessage(answer, 'buffer' in answer ? [answer.buffer] : []);
    });
  });
}

if (parentPort !== null) serve(parentPort, workerData as ThreadData);

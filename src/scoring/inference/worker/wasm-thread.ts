import fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { withHeartbeat } from '../engine/engine.ts';
import { capMemory, type WasmModule, wasm } from '../engine/wasm-api.ts';
import { createWasmEngine } from '../engine/wasm-engine.ts';
import type { Request, ThreadData } from './messages.ts';
import { WorkerServer } from './worker-server.ts';

/**
 * Makes ONNX Runtime's WebAssembly instance in an inference thread, of which this file is the entry. ONNX Runtime
 * imports the module that does so by URL, and this file names itself: so the instance is made of the code that the main
 * thread compiled once, and no thread compiles it again.
 */
export default async function instantiate(options: object): Promise<object> {
  const { glue, module } = workerData as ThreadData;
  const { default: create } = (await import(glue)) as { default: (options: object) => Promise<object> };
  const instantiateWasm = (imports: object, done: (instance: object, module: WasmModule) => void) => {
    done(new wasm.Instance(module, imports), module);
    return {};
  };
  return create({ ...options, instantiateWasm });
}

/**
 * Keeps the engine from writing to stdout and stderr, as it does when it aborts: they are the program's, and the error
 * comes anyway.
 */
function silenceDescriptors(): void {
  const write = fs.writeSync;
  fs.writeSync = ((descriptor: number, ...rest: [string]) =>
    descriptor <= 2 ? rest[0].length : write(descriptor, ...rest)) as typeof fs.writeSync;
}

function serve(port: NonNullable<typeof parentPort>, { glue, heartbeat, memoryBytes }: ThreadData): void {
  const memory = capMemory(memoryBytes);
  silenceDescriptors();
  const engine = createWasmEngine({ loader: new URL(import.meta.url), wasmFile: new URL(glue) });
  const beats = new Int32Array(heartbeat);
  const server = new WorkerServer(Promise.resolve(withHeartbeat(engine, () => Atomics.add(beats, 0, 1))), memory);
  port.on('message', async (request: Request) => {
    const answer = await server.serve(request);
    port.postMessage(answer, 'buffer' in answer ? [answer.buffer] : []);
  });
}

if (parentPort !== null) serve(parentPort, workerData as ThreadData);

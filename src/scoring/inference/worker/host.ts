import type { EngineName } from '../engine/engine.ts';
import type { ModelWorker, ModelWorkerOptions } from './model-worker.ts';
import type { WorkerTransport } from './worker-transport.ts';

/** Places of the built files of inference, and the bound of a worker's memory. */
export interface HostOptions {
  /** Built `inference-worker.js`, the entry of a thread. */
  readonly workerUrl: URL;
  /** Built `inference-process.js`, the entry of a process. */
  readonly processUrl: URL;
  /** Folder with `ort-wasm-simd-threaded.mjs` and `.wasm`. */
  readonly wasmDir: string;
  /** Cap on the memory of one worker's engine. */
  readonly memoryMiB: number;
  /** Hook for tests, which is shown every thread or process that starts. */
  readonly onStart?: (transport: WorkerTransport) => void;
}

/** Facts that a host has to know of a worker which it starts. */
export interface NewWorker extends Pick<ModelWorkerOptions, 'name' | 'shortestDeadline' | 'onDeath'> {
  /** The model normalizes strings, for which an engine may need a locale. */
  readonly normalizesStrings: boolean;
  /** Other work on this machine goes first: the model has ended its worker more than once, and may go on hanging. */
  readonly lowPriority?: boolean;
}

/** Starts the workers of one engine; what they can share is made once, at the first use. */
export interface Host {
  readonly engine: EngineName;
  /** Makes the engine ready; `start` needs it. Throws `inference.engine-unavailable` where it is missing or damaged. */
  ready(): Promise<void>;
  start(options: NewWorker): ModelWorker;
}

/** Copies bytes into shared memory: all threads of a model then read them without a copy of their own. */
export function shareBytes(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

import type { EngineName } from '../engine/engine.ts';
import type { ModelWorker, ModelWorkerOptions } from './model-worker.ts';
import type { WorkerTransport } from './worker-transport.ts';

export interface HostOptions {
  /** The built `inference-worker.js`. */
  readonly workerUrl: URL;
  /** The built `inference-process.js`. */
  readonly processUrl: URL;
  /** Folder with `ort-wasm-simd-threaded.mjs` and `.wasm`. */
  readonly wasmDir: string;
  /** Cap on the memory of one thread's engine. */
  readonly memoryMiB: number;
  /** For tests: is shown every worker or process that is started. */
  readonly onStart?: (transport: WorkerTransport) => void;
}

export interface NewWorker extends Pick<ModelWorkerOptions, 'name' | 'shortestDeadline' | 'onDeath'> {
  /** It is for a model that normalizes strings, for which an engine may need a locale. */
  readonly normalizesStrings: boolean;
  /** It gives way to all others: its model has died more than once, and may go on hanging. */
  readonly lowPriority?: boolean;
}

/** Starts the threads of one engine; what they can share is made once, at the first use. */
export interface Host {
  readonly engine: EngineName;
  /** To be called before `thread`. Throws `inference.engine-unavailable` where the engine is missing or damaged. */
  ready(): Promise<void>;
  start(options: NewWorker): ModelWorker;
}

/** Bytes that all threads of a model read without a copy of their own. */
export function shareBytes(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { reasonOf } from '../core/index.ts';
import { engineUnavailable } from './errors.ts';
import type { ThreadData } from './messages.ts';
import { Thread, type ThreadOptions } from './thread.ts';
import { type WasmModule, wasm } from './wasm-api.ts';

export interface HostOptions {
  /** The built `inference-worker.js`. */
  readonly workerUrl: URL;
  /** Folder with `ort-wasm-simd-threaded.mjs` and `.wasm`. */
  readonly wasmDir: string;
  /** Cap on the memory of one thread's engine. */
  readonly memoryMiB: number;
  /** For tests: what starts a worker. */
  readonly spawn?: (url: URL, options: ConstructorParameters<typeof Worker>[1]) => Worker;
}

const GLUE = 'ort-wasm-simd-threaded.mjs';
const CODE = 'ort-wasm-simd-threaded.wasm';

/**
 * A thread's own JavaScript needs little: tensors live outside its heap. A small young generation keeps the resident
 * memory down, the old one leaves room for string tensors.
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };

/** Starts inference threads; the engine's code is compiled once, at the first use, and shared by all of them. */
export class Host {
  readonly #options: HostOptions;
  #module: Promise<WasmModule> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Throws `inference.engine-unavailable` where the engine's files are missing or damaged. */
  module(): Promise<WasmModule> {
    this.#module ??= this.#compile();
    return this.#module;
  }

  thread({ name, shortestDeadline, onDeath }: Pick<ThreadOptions, 'name' | 'shortestDeadline' | 'onDeath'>): Thread {
    const { workerUrl, wasmDir, memoryMiB, spawn } = this.#options;
    const start = spawn ?? ((url, options) => new Worker(url, options));
    const heartbeat = new SharedArrayBuffer(4);
    const workerData: ThreadData = {
      engine: 'wasm',
      glue: new URL(GLUE, directoryUrl(wasmDir)).href,
      memoryBytes: memoryMiB * 2 ** 20,
      heartbeat,
    };
    const worker = start(workerUrl, { workerData, resourceLimits: RESOURCE_LIMITS, name: 'inference' });
    return new Thread({ name, worker, heartbeat, shortestDeadline, onDeath });
  }

  async #compile(): Promise<WasmModule> {
    // Functions are optimized while they run; several tasks at once leave 20 to 40 MB of working memory behind in
    // the allocator and make nothing ready sooner.
    setFlagsFromString('--wasm-num-compilation-tasks=1');
    const file = new URL(CODE, directoryUrl(this.#options.wasmDir));
    try {
      return await wasm.compile(await readFile(file));
    } catch (error) {
      throw engineUnavailable('engine wasm', reasonOf(error), {
        cause: error,
        hint: `Build or install again: ${CODE} has to lie beside the program.`,
      });
    }
  }
}

const directoryUrl = (path: string) => pathToFileURL(path.endsWith('/') ? path : `${path}/`);

/** Bytes that all threads of a model read without a copy of their own. */
export function shareBytes(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

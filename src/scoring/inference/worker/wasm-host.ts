import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { reasonOf } from '../../../common/core/index.ts';
import { engineUnavailable } from '../engine/errors.ts';
import { type WasmModule, wasm } from '../engine/wasm-api.ts';
import type { Host, HostOptions, NewWorker } from './host.ts';
import type { ThreadData } from './messages.ts';
import { ModelWorker } from './model-worker.ts';
import { lowerNewestThread } from './priority.ts';

const GLUE = 'ort-wasm-simd-threaded.mjs';
const CODE = 'ort-wasm-simd-threaded.wasm';

/**
 * Limits of a thread's own JavaScript, which needs little: tensors live outside its heap. A small young generation
 * keeps the resident memory down, the old one leaves room for string tensors.
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };

/**
 * Budget of execution after which V8 optimizes a function. With V8's own 1.8 million it also optimizes code that runs
 * once, when a model is loaded, while the operators, which run for ever, wait: 3.6 s of CPU for two models instead of
 * 1.2.
 */
const TIERING_BUDGET = 16_000_000;

/** Starts threads with ONNX Runtime Web, whose code is compiled once and shared by all of them. */
export class WasmHost implements Host {
  readonly engine = 'wasm';
  readonly #options: HostOptions;
  #module: Promise<WasmModule> | undefined;
  #compiled: WasmModule | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  async ready(): Promise<void> {
    this.#module ??= this.#compile();
    this.#compiled = await this.#module;
  }

  start({ name, shortestDeadline, onDeath, lowPriority = false }: NewWorker): ModelWorker {
    const { workerUrl, wasmDir, memoryMiB, onStart } = this.#options;
    if (this.#compiled === undefined) throw new TypeError('the engine is not ready');
    const heartbeat = new SharedArrayBuffer(4);
    const workerData: ThreadData = {
      glue: new URL(GLUE, directoryUrl(wasmDir)).href,
      module: this.#compiled,
      memoryBytes: memoryMiB * 2 ** 20,
      heartbeat,
    };
    const worker = new Worker(workerUrl, { workerData, resourceLimits: RESOURCE_LIMITS, name: 'inference' });
    if (lowPriority) lowerNewestThread();
    onStart?.(worker);
    return new ModelWorker({ name, transport: worker, heartbeat, shortestDeadline, onDeath });
  }

  async #compile(): Promise<WasmModule> {
    // V8 optimizes functions while they run: several tasks at once make nothing ready sooner, and leave 20 to 40 MB of
    // working memory behind in the allocator.
    setFlagsFromString('--wasm-num-compilation-tasks=1');
    setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
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

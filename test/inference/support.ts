import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Clock, EdgewrightError, LogFields, Logger, Numbers, OutputBatch } from '../../src/common/core/index.ts';
import {
  createInference,
  type EngineName,
  type Inference,
  type InferenceOptions,
  inferenceOptions,
  inferenceSchema,
  type ModelCallbacks,
} from '../../src/scoring/inference/index.ts';
import type { WorkerTransport } from '../../src/scoring/inference/worker/worker-transport.ts';

const dist = new URL('../../dist/', import.meta.url);

export const wasmDir = fileURLToPath(dist);
export const parts = {
  workerUrl: new URL('inference-worker.js', dist),
  processUrl: new URL('inference-process.js', dist),
  wasmDir,
};
/** The optional package, which a development checkout has. */
export const nativeInstalled = existsSync(new URL('../../node_modules/onnxruntime-node', import.meta.url));
export const engines: readonly EngineName[] = nativeInstalled ? ['wasm', 'native'] : ['wasm'];

export const fixture = (name: string) => new Uint8Array(readFileSync(fixtureUrl(`${name}.onnx`)));
export const fixtureText = (name: string) => readFileSync(fixtureUrl(name), 'utf8');
const fixtureUrl = (file: string) => new URL(`fixtures/${file}`, import.meta.url);

export const clock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  monotonic: () => performance.now(),
  trusted: () => true,
};

export interface LogEntry extends LogFields {
  readonly level: string;
  readonly message: string;
}

/** Keeps what is logged; printing it would hide the tests' own output. */
export function memoryLogger(): Logger & { readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      entries.push({ ...fields, level, message });
    };
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** The defaults of the configuration, on the engine that is always there, without the time that warming up takes. */
export function testOptions(overrides: Partial<InferenceOptions> = {}): InferenceOptions {
  const defaults = inferenceOptions(inferenceSchema.parse({}));
  return { ...defaults, ...parts, engine: 'wasm', warmup: 0, clock, logger: memoryLogger(), ...overrides };
}

/** An inference with its workers within reach, so that tests can end them. */
export function startInference(overrides: Partial<InferenceOptions> = {}): {
  inference: Inference;
  workers: WorkerTransport[];
} {
  const workers: WorkerTransport[] = [];
  const onStart = (worker: WorkerTransport) => {
    workers.push(worker);
    worker.on('exit', () => workers.splice(workers.indexOf(worker), 1));
  };
  return { inference: createInference(testOptions({ onStart, ...overrides })), workers };
}

/** Takes all answers of a model; `settled` waits until so many tickets have theirs. */
export class Answers implements ModelCallbacks {
  readonly results = new Map<number, number[][]>();
  readonly failures = new Map<number, EdgewrightError>();
  /** Tickets answered more than once: always empty. */
  readonly twice: number[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  readonly onResult = (tickets: Float64Array, { data, widths }: OutputBatch): void => {
    for (const [row, ticket] of tickets.entries()) {
      this.#once(ticket);
      this.results.set(
        ticket,
        data.map((values, k) => rowOf(values, row, widths[k] ?? 0)),
      );
    }
    this.#wake();
  };

  readonly onFailure = (tickets: Float64Array, error: EdgewrightError): void => {
    for (const ticket of tickets) {
      this.#once(ticket);
      this.failures.set(ticket, error);
    }
    this.#wake();
  };

  get count(): number {
    return this.results.size + this.failures.size;
  }

  settled(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
      this.#wake();
    });
  }

  /** Codes of failures with how often each came. */
  codes(): Record<string, number> {
    const codes: Record<string, number> = {};
    for (const { code } of this.failures.values()) codes[code] = (codes[code] ?? 0) + 1;
    return codes;
  }

  #once(ticket: number): void {
    if (this.results.has(ticket) || this.failures.has(ticket)) this.twice.push(ticket);
  }

  #wake(): void {
    for (const { resolve } of this.#waiting.filter(({ count }) => this.count >= count)) resolve();
    this.#waiting = this.#waiting.filter(({ count }) => this.count < count);
  }
}

const rowOf = (values: Numbers, row: number, width: number) =>
  Array.from(values.subarray(row * width, (row + 1) * width));

/** Seeded vectors in [-1, 1). */
export function vectors(count: number, width: number, seed = 1): Float64Array[] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return Array.from({ length: count }, () => Float64Array.from({ length: width }, next));
}

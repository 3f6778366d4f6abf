import { EdgewrightError, reasonOf } from '../../../common/core/index.ts';
import { closed, engineUnavailable, localeMissing } from '../engine/errors.ts';
import { substituteLocale } from '../engine/substitute-locale.ts';
import type { Host, HostOptions, NewWorker } from './host.ts';
import { ModelWorker } from './model-worker.ts';
import { ProcessTransport } from './process-transport.ts';
import { WorkerClient } from './worker-client.ts';

/** Smallest model that there is: y = x, for a vector of any length. */
const IDENTITY = Buffer.from(
  'CAg6OQoQCgF4EgF5IghJZGVudGl0eRIBdFoQCgF4EgsKCQgBEgUKAxIBTmIQCgF5EgsKCQgBEgUKAxIBTkIECgAQEQ==',
  'base64',
);

/** Smallest model that needs a locale: y = x in lower case. */
const LOWER_CASE = Buffer.from(
  'CAg6YQo4CgF4EgF5IhBTdHJpbmdOb3JtYWxpemVyKh4KEmNhc2VfY2hhbmdlX2FjdGlvbiIFTE9XRVKgAQMSAXRaEAoBeBILCgkICBIFCgMSAU5iEAoBeRILCgkICBIFCgMSAU5CBAoAEBE=',
  'base64',
);

/** Time for loading the engine's 45 MB from a slow card, and one run. */
const PROBE_MS = 20_000;

/**
 * Address space that a process may reserve beyond an idle one's and the model's cap: for the heaps of the allocator's
 * two arenas and of V8, which reserve more than they use.
 */
const SLACK_BYTES = 256 * 2 ** 20;

/** Starts processes with ONNX Runtime as machine code. */
export class NativeHost implements Host {
  readonly engine = 'native';
  readonly #options: HostOptions;
  #idle: Promise<number | undefined> | undefined;
  #maxBytes: number | undefined;
  #lacksLocale = false;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  async ready(): Promise<void> {
    this.#idle ??= this.#probe();
    const idle = await this.#idle;
    if (idle !== undefined) this.#maxBytes = idle + SLACK_BYTES + this.#options.memoryMiB * 2 ** 20;
  }

  start(options: NewWorker): ModelWorker {
    return this.#spawn(options).worker;
  }

  /**
   * Lets a process answer the smallest model, to learn whether the engine works on this machine and whether it finds
   * its locale. Resolves with the bytes that the process reserves when idle, where the system tells.
   */
  async #probe(): Promise<number | undefined> {
    const name = 'engine native';
    const { worker, transport } = this.#spawn({
      ...{ name, normalizesStrings: false, shortestDeadline: PROBE_MS },
      onDeath: () => undefined,
    });
    try {
      const client = new WorkerClient(worker, { create: PROBE_MS, run: PROBE_MS });
      await client.create(IDENTITY);
      const x = { datatype: 'FP32', shape: [1], data: Float32Array.of(1) } as const;
      await client.infer(new Map([['x', x]]), ['y']);
      const reserved = transport.reservedBytes();
      await client.create(LOWER_CASE).catch((error: unknown) => {
        if (!(error instanceof EdgewrightError) || error.code !== localeMissing.kind.code) throw error;
        this.#lacksLocale = true;
      });
      return reserved;
    } catch (error) {
      if (error instanceof EdgewrightError && error.code === engineUnavailable.kind.code) throw error;
      throw engineUnavailable(name, `it does not work on this machine: ${reasonOf(error)}`, { cause: error });
    } finally {
      await worker.close(closed(name, 'the probe is over'));
    }
  }

  #spawn({ name, normalizesStrings, shortestDeadline, onDeath, lowPriority = false }: NewWorker): {
    worker: ModelWorker;
    transport: ProcessTransport;
  } {
    const heartbeat = new SharedArrayBuffer(4);
    const transport = new ProcessTransport({
      entry: this.#options.processUrl,
      heartbeat,
      maxBytes: this.#maxBytes,
      lowPriority,
      localePath: normalizesStrings && this.#lacksLocale ? substituteLocale() : undefined,
    });
    this.#options.onStart?.(transport);
    return { transport, worker: new ModelWorker({ name, transport: transport, heartbeat, shortestDeadline, onDeath }) };
  }
}

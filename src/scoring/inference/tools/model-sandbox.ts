import type { Clock } from '../../../common/core/index.ts';
import type { EngineName } from '../engine/engine.ts';
import { closed } from '../engine/errors.ts';
import { normalizesStrings } from '../engine/substitute-locale.ts';
import { findHost } from '../worker/find-host.ts';
import { type Host, type HostOptions, shareBytes } from '../worker/host.ts';
import { type Created, WorkerClient } from '../worker/worker-client.ts';

/** Engine of the sandbox, and what a model in it may cost. */
export interface ModelSandboxOptions extends HostOptions {
  readonly engine: EngineName;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Time that one model may cost altogether, ms: loading and all runs. */
  readonly budget?: number;
}

/** Budget that leaves room for starting and ending the worker within the 15 s that a hostile model may cost. */
const DEFAULT_BUDGET = 11_000;

/** Model that is loaded into the sandbox. */
export interface SandboxedModel extends Created {
  readonly client: WorkerClient;
}

/**
 * Loads models that may be hostile, each into a worker of its own, which ends when the model was looked at: one that
 * hangs, crashes or eats memory costs its worker and a bounded time.
 */
export class ModelSandbox {
  readonly #options: ModelSandboxOptions;
  #host: Promise<Host> | undefined;

  constructor(options: ModelSandboxOptions) {
    this.#options = options;
  }

  /** Makes the engine ready. Throws `inference.engine-unavailable`. */
  ready(): Promise<Host> {
    this.#host ??= findHost(this.#options.engine, this.#options);
    return this.#host;
  }

  /** Loads a model, resolves with what `look` makes of it, and ends its worker in any case. Throws `inference.*`. */
  async open<T>(name: string, bytes: Uint8Array, look: (model: SandboxedModel) => Promise<T>): Promise<T> {
    const host = await this.ready();
    const { clock, budget = DEFAULT_BUDGET } = this.#options;
    const worker = host.start({
      name,
      normalizesStrings: normalizesStrings(bytes),
      shortestDeadline: budget,
      onDeath: () => undefined,
    });
    const end = clock.monotonic() + budget;
    const left = () => Math.max(0, end - clock.monotonic());
    const client = new WorkerClient(worker, {
      get create() {
        return left();
      },
      get run() {
        return left();
      },
    });
    try {
      return await look({ client, ...(await client.create(shareBytes(bytes))) });
    } finally {
      await worker.close(closed(name, 'the look at it is over'));
    }
  }
}

import type { Clock } from '../../../common/core/index.ts';
import type { EngineName } from '../engine/engine.ts';
import { closed } from '../engine/errors.ts';
import { normalizesStrings } from '../engine/substitute-locale.ts';
import { findHost } from '../worker/find-host.ts';
import { type Host, type HostOptions, shareBytes } from '../worker/host.ts';
import { type Created, WorkerClient } from '../worker/worker-client.ts';

export interface ModelSandboxOptions extends HostOptions {
  readonly engine: EngineName;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** What one model may cost altogether, ms: loading and all runs. */
  readonly budget?: number;
}

/** Leaves room for starting and ending the thread within the 15 s that a hostile model may cost. */
const DEFAULT_BUDGET = 11_000;

/** A model that is loaded to be looked at. */
export interface SandboxedModel extends Created {
  readonly client: WorkerClient;
}

/** Loads models one at a time to look at them, each in a thread of its own that ends with the look. */
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

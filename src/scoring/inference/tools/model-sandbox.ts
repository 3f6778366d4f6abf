import type { Clock } from '../../../common/core/index.ts';
import type { EngineName } from '../engine/engine.ts';
import { closed } from '../engine/errors.ts';
import { normalizesStrings } from '../engine/substitute-locale.ts';
import { findHost } from '../worker/find-host.ts';
import { type Host, type HostOptions, shareBytes } from '../worker/host.ts';
import { type Created, Dialogue } from '../worker/worker-client.ts';

export interface WorkbenchOptions extends HostOptions {
  readonly engine: EngineName;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** What one model may cost altogether, ms: loading and all runs. */
  readonly budget?: number;
}

/** Leaves room for starting and ending the thread within the 15 s that a hostile model may cost. */
const DEFAULT_BUDGET = 11_000;

/** A model that is loaded to be looked at. */
export interface Opened extends Created {
  readonly dialogue: Dialogue;
}

/** Loads models one at a time to look at them, each in a thread of its own that ends with the look. */
export class Workbench {
  readonly #options: WorkbenchOptions;
  #host: Promise<Host> | undefined;

  constructor(options: WorkbenchOptions) {
    this.#options = options;
  }

  /** Makes the engine ready. Throws `inference.engine-unavailable`. */
  ready(): Promise<Host> {
    this.#host ??= findHost(this.#options.engine, this.#options);
    return this.#host;
  }

  async open<T>(name: string, bytes: Uint8Array, look: (model: Opened) => Promise<T>): Promise<T> {
    const host = await this.ready();
    const { clock, budget = DEFAULT_BUDGET } = this.#options;
    const thread = host.thread({
      name,
      normalizesStrings: normalizesStrings(bytes),
      shortestDeadline: budget,
      onDeath: () => undefined,
    });
    const end = clock.monotonic() + budget;
    const left = () => Math.max(0, end - clock.monotonic());
    const dialogue = new Dialogue(thread, {
      get create() {
        return left();
      },
      get run() {
        return left();
      },
    });
    try {
      return await look({ dialogue, ...(await dialogue.create(shareBytes(bytes))) });
    } finally {
      await thread.close(closed(name, 'the look at it is over'));
    }
  }
}

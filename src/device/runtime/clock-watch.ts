import { type EdgewrightError, type EventRecord, type Logger, reasonOf } from '../../common/core/index.ts';
import type { ControlClient, OutboxClient } from '../../storage/thread/index.ts';
import type { Config } from '../config/index.ts';
import type { Driver } from './driver.ts';
import type { ClockStep, SystemClock } from './system-clock.ts';

/** Time between two notes of the newest time. */
const REMEMBER_MS = 3600_000;

export interface ClockWatchDeps {
  readonly clock: SystemClock;
  readonly boot: string;
  readonly logger: Logger;
  /** Resolves when everything appended so far is committed. */
  readonly flush: () => Promise<void>;
  /** Seq of the newest committed record. */
  readonly seq: () => number;
  readonly tell: (event: 'clock-step', detail: EventRecord['detail'], at: number) => void;
  /** The clock was set: the storage thread follows it, pipelines begin anew with what lies in the future now. */
  readonly stepped: (step: ClockStep) => void;
  /** Keeps a time for the next starts. */
  readonly remember: (time: number) => Promise<void>;
}

/** The moment since which the clock is not trusted. */
interface Untrusted {
  readonly seq: number;
  readonly at: number;
}

/**
 * Looks after the clock: tells when it was set, and, once it can be trusted, which records of this boot carry times of a
 * clock that could not, so that who has them can put them right.
 */
export class ClockWatch {
  readonly #deps: ClockWatchDeps;
  #untrusted: Untrusted | undefined;
  #rememberAt: number;
  #telling: Promise<void> = Promise.resolve();

  constructor(deps: ClockWatchDeps) {
    this.#deps = deps;
    const { clock, logger } = deps;
    this.#rememberAt = clock.monotonic();
    if (clock.trusted()) return;
    this.#untrusted = { seq: 1, at: clock.now() };
    logger.warn('the clock is not trusted: records say so until it is set', {
      now: new Date(clock.now()).toISOString(),
    });
  }

  tick(): void {
    const { clock, stepped, logger } = this.#deps;
    const step = clock.look();
    if (step === undefined) {
      this.#remember();
      return;
    }
    stepped(step);
    logger.warn('the clock was set', {
      from: new Date(step.from).toISOString(),
      to: new Date(step.to).toISOString(),
      trusted: step.trusted,
    });
    const since = this.#untrusted;
    this.#untrusted = step.trusted ? undefined : { seq: this.#deps.seq() + 1, at: step.to };
    this.#telling = this.#telling.then(() => this.#tell(step, since));
  }

  /** Resolves when what happened to the clock is told. */
  async settled(): Promise<void> {
    await this.#telling;
  }

  async #tell({ from, to, wasTrusted, trusted }: ClockStep, since: Untrusted | undefined): Promise<void> {
    const { boot, flush, seq, tell, logger } = this.#deps;
    // Records that were made before the clock was set are committed then, and have a seq.
    await flush().catch((error: EdgewrightError) => logger.warn('outbox does not answer', { reason: reasonOf(error) }));
    const wrong = since && { first: since.seq, last: seq(), since: since.at };
    tell('clock-step', { boot, from, to, offsetMs: to - from, wasTrusted, trusted, ...(wrong && { wrong }) }, to);
  }

  #remember(): void {
    const { clock, remember, logger } = this.#deps;
    const time = clock.proved;
    if (time === undefined || clock.monotonic() < this.#rememberAt) return;
    this.#rememberAt = clock.monotonic() + REMEMBER_MS;
    remember(time).catch((error: unknown) => logger.warn('time not remembered', { reason: reasonOf(error) }));
  }
}

/** The watch of a gateway: the outbox follows the clock, and pipelines begin anew where it was set back. */
export function watchClock(parts: {
  readonly config: Config;
  readonly clock: SystemClock;
  readonly driver: Driver;
  readonly outbox: OutboxClient;
  readonly control: ControlClient;
  readonly logger: Logger;
}): ClockWatch {
  const { config, clock, driver, outbox, control, logger } = parts;
  return new ClockWatch({
    ...{ clock, boot: outbox.opened.boot, logger },
    flush: () => outbox.flush(),
    seq: () => outbox.seq,
    tell: (event, detail, at) => outbox.event(event, detail, at),
    remember: (time) => control.rememberTime(time),
    stepped: ({ from, to, trusted }) => {
      outbox.setClock(to, trusted);
      if (to < from && trusted) driver.resetBeyond(to + config.time.tolerance, 'clock: it was set back');
    },
  });
}

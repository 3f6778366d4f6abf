import { type Clock, EdgewrightError, type Logger, reasonOf } from '../../common/core/index.ts';
import { readTls } from '../../common/link/index.ts';
import { canWait, createSource, opensIn, type Source, type SourceDeps } from '../../scoring/sources/index.ts';
import type { SourcePosition } from '../../storage/outbox/index.ts';
import type { Patience } from '../../storage/thread/index.ts';
import type { Config } from '../config/index.ts';
import type { Driver } from './driver.ts';
import { Intake } from './intake.ts';
import type { Positions } from './positions.ts';
import { within } from './within.ts';

/** How long the start of a gateway waits for a source; it goes on trying after that. */
const START_WAIT_MS = 5_000;

/** `waiting`: its other side is not there, and it goes on trying. */
export type SourceState = 'starting' | 'open' | 'waiting' | 'ended' | 'failed' | 'stopped';

export interface SourceStatus {
  readonly name: string;
  readonly type: string;
  readonly state: SourceState;
  readonly readings: number;
  /** Refused, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
}

export interface SourceHostDeps {
  readonly config: Config;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Positions of each source that `run` opens. */
  readonly positions: Positions;
  /** Room in the outbox, for a source whose data waits with it or not. */
  readonly credit: (patience: Patience) => Promise<void> | undefined;
  /** Stores a position with the records that were made in this turn. */
  readonly storePosition: (position: SourcePosition) => void;
  /** Told of what is not gone on with after all. */
  readonly forgotten: (keys: readonly [pipeline: string, asset: string][]) => void;
}

interface Hosted {
  readonly name: string;
  readonly type: string;
  readonly source: Source;
  readonly intake: Intake;
  /** Settles when it is known that the other side is not there: nobody waits for it. */
  readonly absent: Promise<void>;
  opened: boolean;
  state: SourceState;
}

/** The sources of a running gateway: opened, fed into the driver, followed in their progress, stopped. */
export class SourceHost {
  readonly #deps: SourceHostDeps;
  readonly #driver: Driver;
  readonly #logger: Logger;
  /** By name, in the order of the configuration. */
  #hosted: readonly Hosted[];
  /** Names of the sources that `run` does not open. */
  #unopened: readonly string[];
  #stopped = false;

  constructor(deps: SourceHostDeps) {
    this.#deps = deps;
    this.#logger = deps.logger;
    this.#driver = deps.driver;
    this.#hosted = openedIn(deps.config).map(([name, source]) => this.#host(name, source, deps));
    this.#unopened = unopenedIn(deps.config);
  }

  /** Opens every source; waits for each at most five seconds, and not for one whose other side is not there. A source that cannot open is reported, the others go on. */
  async start(): Promise<void> {
    // Nobody waits for the end of what is not opened.
    for (const name of this.#unopened) this.#driver.end(name, 0);
    await Promise.all(this.#hosted.map((hosted) => this.#open(hosted)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#hosted.map(stopHosted));
  }

  /**
   * Prepares another configuration, in which these sources are others, new or gone. `stop` stops those that ran, and resolves
   * once what they gave is decided, or has been waited for; `start` opens the new ones as `start` does.
   */
  change(config: Config, names: readonly string[]): { stop(): Promise<void>; start(): Promise<void> } {
    const { positions } = this.#deps;
    const going = this.#hosted.filter(({ name }) => names.includes(name));
    return {
      stop: async () => {
        await Promise.all(going.map(stopHosted));
        if (going.length > 0) await within(START_WAIT_MS, this.#driver.whenIdle());
      },
      start: async () => {
        if (this.#stopped) return;
        const reached = positions.read();
        const deps = { ...this.#deps, config };
        const fresh = openedIn(config).map(([name, source]): Hosted => {
          const kept = this.#hosted.find((hosted) => hosted.name === name && !going.includes(hosted));
          if (kept) return kept;
          positions.track({ name, resumedFrom: reached[name] });
          return this.#host(name, source, deps);
        });
        for (const { name } of going) if (!fresh.some((hosted) => hosted.name === name)) positions.untrack(name);
        const opening = fresh.filter((hosted) => !this.#hosted.includes(hosted));
        this.#hosted = fresh;
        this.#unopened = unopenedIn(config);
        for (const name of this.#unopened) this.#driver.end(name, 0);
        for (const { name } of opening) this.#driver.begin(name);
        await Promise.all(opening.map((hosted) => this.#open(hosted)));
      },
    };
  }

  status(): SourceStatus[] {
    return this.#hosted.map(({ name, type, state, intake }) => ({
      name,
      type,
      state,
      readings: intake.readings,
      rejected: intake.rejected.toJSON(),
    }));
  }

  #host(name: string, source: Config['sources'][string], deps: SourceHostDeps): Hosted {
    const { config, driver, clock, logger, credit, storePosition, forgotten } = deps;
    const { progress, resumedFrom } = deps.positions.of(name);
    // Windows that need no engine are decided already: their records must not be stored without this position.
    const pushed = (windows: number) => {
      progress.pushed(windows);
      const position = windows > 0 ? progress.take() : undefined;
      if (position !== undefined) storePosition({ source: name, position });
    };
    const patience = canWait(source) ? 'waits' : 'live';
    const intake = new Intake({
      source: name,
      driver,
      clock,
      tolerance: config.time.tolerance,
      begin: (position) => progress.begin(position),
      pushed,
      credit: () => driver.credit() ?? credit(patience),
      // The reason is in the message, because the log limits repeats by message: a common one must not hide a rare one.
      onReject: (reason, detail) => {
        // A message that is meant for somebody else is counted, and nothing is wrong with it.
        if (reason === 'no-reading') logger.debug('no reading in a message', { source: name, detail });
        else logger.warn(`refused: ${reason}`, { source: name, detail });
      },
      onEnd: () => {
        hosted.state = 'ended';
        pushed(driver.end(name, progress.beginEnd()));
      },
    });
    let missed = () => {};
    const absent = new Promise<void>((resolve) => {
      missed = resolve;
    });
    const hosted: Hosted = {
      name,
      type: source.type,
      intake,
      absent,
      opened: false,
      state: 'starting',
      source: createSource(source, {
        name,
        logger,
        clock,
        onReset: () => {
          progress.forget();
          forgotten(driver.forget(name));
        },
        onGap: (reason) => driver.interrupted(name, reason),
        identity: { site: config.site, device: config.device },
        onAway: (why) => {
          this.#away(hosted, why);
          if (why !== undefined) missed();
        },
        ...(config.uplink ? { broker: brokerOf(config.uplink) } : {}),
        ...(resumedFrom === undefined ? {} : { resumeFrom: resumedFrom }),
      }),
    };
    return hosted;
  }

  async #open(hosted: Hosted): Promise<void> {
    const opened = hosted.source.start(hosted.intake).then(
      () => {
        hosted.opened = true;
        if (hosted.state === 'starting' || hosted.state === 'waiting') hosted.state = 'open';
      },
      (error: unknown) => {
        hosted.state = 'failed';
        const detail = error instanceof EdgewrightError ? { code: error.code, hint: error.hint } : {};
        this.#logger.error('source failed', { source: hosted.name, reason: reasonOf(error), ...detail });
      },
    );
    await within(START_WAIT_MS, Promise.race([opened, hosted.absent]));
  }

  /** One line an outage, not one an attempt. */
  #away(hosted: Hosted, why: EdgewrightError | undefined): void {
    if (why === undefined) {
      if (hosted.state === 'waiting') hosted.state = hosted.opened ? 'open' : 'starting';
    } else if (hosted.state === 'open' || hosted.state === 'starting') {
      hosted.state = 'waiting';
      const { code, message, hint } = why;
      this.#logger.warn('source waits for its other side', { source: hosted.name, code, reason: message, hint });
    }
  }
}

function openedIn({ sources }: Config): [name: string, source: Config['sources'][string]][] {
  return Object.entries(sources).filter(([, source]) => opensIn(source, 'run'));
}

function unopenedIn({ sources }: Config): string[] {
  return Object.entries(sources).flatMap(([name, source]) => (opensIn(source, 'run') ? [] : [name]));
}

async function stopHosted(hosted: Hosted): Promise<void> {
  await hosted.source.stop();
  if (hosted.state !== 'failed') hosted.state = 'stopped';
}

/** The uplink's broker, for a source without one of its own. */
function brokerOf({ url, tls, username, password }: NonNullable<Config['uplink']>): NonNullable<SourceDeps['broker']> {
  const files = tls === undefined ? {} : { tls: readTls(tls) };
  return {
    url,
    ...files,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

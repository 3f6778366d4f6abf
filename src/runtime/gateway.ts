import type { Config } from '../config/index.ts';
import { type Clock, type EdgewrightError, type Logger, reasonOf } from '../core/index.ts';
import { type OutboxClient, openOutbox } from '../outbox/index.ts';
import { createUplink, type DeviceState, type Memory, type Uplink } from '../sync/index.ts';
import { type Assembly, assemble } from './assembly.ts';
import type { AuditVerdict } from './audit-chain.ts';
import { BUILD_TIME } from './build-date.ts';
import { checkpointStore } from './checkpoint-store.ts';
import { Checkpointer } from './checkpointer.ts';
import { clockStore } from './clock-store.ts';
import { ClockWatch } from './clock-watch.ts';
import type { RecordListener } from './driver.ts';
import { OutboxView } from './outbox-port.ts';
import type { Installation } from './package-root.ts';
import { Recorder } from './recorder.ts';
import { restorePipelines } from './restore.ts';
import { SourceHost } from './source-host.ts';
import { type GatewayStatus, modelStatus, pipelineStatus } from './status.ts';
import type { SystemClock } from './system-clock.ts';

/** How often silent assets are looked for and the outbox is asked for its figures. */
const TICK_MS = 1_000;
/** Bounds of an orderly stop, so that a service manager never has to kill it: engine, checkpoint, then the broker. */
const DRAIN_ENGINE_MS = 1_500;
const DRAIN_STORE_MS = 1_000;
const DRAIN_LINK_MS = 1_500;

/** Two checkpoints and the writing of one. */
const LEAST_KEPT_MS = 15_000;

export interface GatewayDeps {
  readonly installation: Installation;
  readonly logger: Logger;
  readonly clock: SystemClock;
  /** Sees every record as it is made, before it is stored. */
  readonly onRecord?: RecordListener;
  /** What made it impossible to go on; the gateway still wants to be stopped. */
  readonly onFailure: (error: EdgewrightError) => void;
}

export interface Gateway {
  readonly boot: string;
  /** Stops in reverse order of the start; tells how many records still wait for the broker. */
  stop(): Promise<{ pending: number }>;
  status(): Promise<GatewayStatus>;
  /** Walks the audit chain. */
  verifyAudit(): Promise<AuditVerdict>;
}

/**
 * The composition root: builds and wires the parts of a gateway from bottom to top, and starts them.
 * Resolves once all models are warm and each source is open or has been waited for.
 */
export async function startGateway(config: Config, deps: GatewayDeps): Promise<Gateway> {
  const { installation, logger, clock } = deps;
  const began = clock.monotonic();
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const view = new OutboxView();
    const recorder = new Recorder(clock, deps.onRecord);
    const late: { checkpointer?: Checkpointer } = {};
    // Each has threads of its own to start, and neither needs the other.
    const [opening, assembling] = await Promise.allSettled([
      openStore(config, deps, view),
      assemble(config, {
        ...{ installation, logger, clock, onRecord: recorder.record, onTold: recorder.told },
        onSnapshot: (...taken) => late.checkpointer?.taken(...taken),
      }),
    ]);
    if (opening.status === 'fulfilled') undo.unshift(() => opening.value.close());
    if (assembling.status === 'fulfilled') undo.unshift(() => assembling.value.close());
    const outbox = resultOf(opening);
    const assembly = resultOf(assembling);
    recorder.outbox = outbox;
    view.seq = outbox.opened.seq;
    const times = clockStore(outbox);
    const remembered = await times.recall().catch(() => undefined);
    if (remembered !== undefined) clock.remember(remembered);
    // What the first status message says is known.
    await view.refresh(outbox);
    const uplink = await openUplink(config, deps, outbox, view, assembly);
    undo.unshift(async () => uplink?.stop(0));
    const { scored, driver } = assembly;
    const store = checkpointStore(outbox);
    const toldSince = outbox.toldSince.bind(outbox);
    const marks = outbox.marks();
    const { boot, seq } = outbox.opened;
    const restored = await restorePipelines({
      ...{ config, scored, store, toldSince, marks, clock, logger },
      place: { boot, seq },
    });
    const sources = new SourceHost({
      config,
      driver,
      clock,
      logger,
      positions: restored.positions,
      marks: outbox.marks(),
      credit: (patience) => outbox.credit(patience),
      mark: (mark) => outbox.append([], mark),
    });
    recorder.sources = sources;
    recorder.metered = config.uplink?.budget !== undefined;
    const watch = new ClockWatch({
      ...{ clock, boot, logger },
      flush: () => outbox.flush(),
      seq: () => view.seq,
      tell: (event, detail, at) => outbox.event(event, detail, at),
      remember: (time) => times.remember(time),
      stepped: ({ from, to, trusted }) => {
        outbox.setClock(to, trusted);
        if (to < from && trusted) driver.resetBeyond(to + config.time.tolerance, 'clock: it was set back');
      },
    });
    const checkpointer = new Checkpointer({
      store,
      pipelines: scored.map(({ pipeline }) => pipeline.name),
      snapshot: () => driver.snapshot(),
      positions: () => sources.positions(),
      committed: () => ({ boot, seq: view.seq }),
      round: restored.round,
      clock,
      logger,
    });
    late.checkpointer = checkpointer;
    recorder.onAlarm = () => checkpointer.soon();
    uplink?.start();
    undo.unshift(() => sources.stop());
    await sources.start();
    const timer = setInterval(() => {
      watch.tick();
      driver.tick();
      recorder.mark();
      checkpointer.tick();
      view
        .refresh(outbox)
        .catch((error: unknown) => logger.warn('outbox does not answer', { reason: reasonOf(error) }));
    }, TICK_MS);
    return new RunningGateway({
      config,
      installation,
      clock,
      began,
      outbox,
      view,
      recorder,
      assembly,
      uplink,
      sources,
      checkpointer,
      timer,
    });
  } catch (error) {
    for (const step of undo) await step();
    throw error;
  }
}

function resultOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

function openStore(config: Config, deps: GatewayDeps, view: OutboxView): Promise<OutboxClient> {
  const { installation, logger, onFailure } = deps;
  const { path, max, retain, freeFloor, keepAcked, lossWindow } = config.outbox;
  return openOutbox(
    {
      workerUrl: installation.storeWorker,
      nativeBinding: installation.nativeBinding,
      site: config.site,
      device: config.device,
      path,
      statePath: config.state.path,
      max,
      retain,
      freeFloor,
      priorities: Object.fromEntries(Object.entries(config.pipelines).map(([name, { priority }]) => [name, priority])),
      // A start looks for what was told since the last checkpoint.
      keepAcked: Math.max(keepAcked, LEAST_KEPT_MS),
      lossWindow,
      detail: { version: installation.version, node: process.version },
      trustedSince: BUILD_TIME,
    },
    {
      onCommitted: view.onCommitted,
      onOffered: view.onOffered,
      onReceived: view.onReceived,
      onTrouble: ({ code, message, hint }, attempts) =>
        logger.error('outbox cannot commit', { code, reason: message, hint, attempts }),
      onRecovered: () => logger.info('outbox commits again'),
      onNotice: ({ event, detail }) =>
        event === 'store-corrupt'
          ? logger.error('a file was damaged and is set aside: what can be read of it is brought over', detail)
          : logger.warn('what could be read of a damaged file is brought over', detail),
      onFailure,
    },
  );
}

/** Keeps the budget of the day in control.db. */
async function budgetMemory(config: Config, outbox: OutboxClient, logger: Logger): Promise<Memory> {
  const budget = config.uplink?.budget === undefined ? undefined : await outbox.aside<unknown>('budget-read');
  let saved = JSON.stringify(budget);
  return {
    budget,
    saveBudget(value) {
      const text = JSON.stringify(value);
      if (text === saved) return;
      saved = text;
      outbox.aside('budget-save', value).catch((error: unknown) => {
        logger.warn('budget of the day not saved', { reason: reasonOf(error) });
      });
    },
  };
}

async function openUplink(
  config: Config,
  { clock, logger, installation }: GatewayDeps,
  outbox: OutboxClient,
  view: OutboxView,
  assembly: Assembly,
): Promise<Uplink | undefined> {
  if (!config.uplink) return undefined;
  const identity = { site: config.site, device: config.device, boot: outbox.opened.boot };
  const versions = { edgewright: installation.version, node: process.versions.node };
  const state = (): DeviceState => ({
    seq: view.seq,
    versions,
    models: assembly.scored.map(({ pipeline }) => ({ pipeline: pipeline.name, ...pipeline.identity })),
    queue: view.queue,
    ...(view.audit && { audit: view.audit }),
  });
  return createUplink(config.uplink, identity, {
    outbox: view.port(outbox),
    state,
    explain: (pipeline, asset) => assembly.driver.explain(pipeline, asset),
    clock,
    logger,
    onConflict: (detail) => outbox.event('identity-conflict', detail, clock.now()),
    memory: await budgetMemory(config, outbox, logger),
  });
}

interface Parts {
  readonly config: Config;
  readonly installation: Installation;
  readonly clock: Clock;
  readonly began: number;
  readonly outbox: OutboxClient;
  readonly view: OutboxView;
  readonly recorder: Recorder;
  readonly assembly: Assembly;
  readonly uplink: Uplink | undefined;
  readonly sources: SourceHost;
  readonly checkpointer: Checkpointer;
  readonly timer: NodeJS.Timeout;
}

class RunningGateway implements Gateway {
  readonly #parts: Parts;
  #stopped: Promise<{ pending: number }> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get boot(): string {
    return this.#parts.outbox.opened.boot;
  }

  stop(): Promise<{ pending: number }> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<{ pending: number }> {
    const { timer, sources, assembly, recorder, checkpointer, outbox, uplink, view } = this.#parts;
    clearInterval(timer);
    await sources.stop();
    await Promise.race([assembly.driver.whenIdle(), after(DRAIN_ENGINE_MS)]);
    assembly.driver.closeSummaries();
    recorder.mark();
    await Promise.race([checkpointer.stop(), after(DRAIN_STORE_MS)]);
    await Promise.race([outbox.flush().catch(() => undefined), after(DRAIN_LINK_MS)]);
    await uplink?.stop(DRAIN_LINK_MS);
    const { pending } = await outbox.close();
    await assembly.close();
    return { pending: pending ?? view.queue.pending };
  }

  verifyAudit(): Promise<AuditVerdict> {
    return this.#parts.outbox.aside<AuditVerdict>('audit');
  }

  async status(): Promise<GatewayStatus> {
    const { config, installation, clock, began, outbox, view, assembly, uplink, sources } = this.#parts;
    const stats = await view.refresh(outbox);
    const { bytes, cap, hoursLeft, limit, level, next, pending, seq, ledger, audit } = stats;
    const link = uplink?.status();
    return {
      site: config.site,
      device: config.device,
      version: installation.version,
      boot: this.boot,
      engine: assembly.engine,
      uptimeMs: Math.round(clock.monotonic() - began),
      clockTrusted: clock.trusted(),
      rssBytes: process.memoryUsage.rss(),
      models: assembly.scored.map(modelStatus),
      sources: sources.status(),
      pipelines: assembly.scored.map(({ pipeline }) => pipelineStatus(pipeline)),
      link: link ? { ...link } : { state: 'none' },
      outbox: {
        ...{ bytes, cap, hoursLeft, limit, level, next, pending },
        stalled: outbox.stalled,
        trouble: troubleOf(outbox),
      },
      seq,
      ledger,
      ...(audit && { audit }),
    };
  }
}

function troubleOf({ trouble }: OutboxClient): GatewayStatus['outbox']['trouble'] {
  return trouble === undefined ? null : { code: trouble.code, reason: trouble.message, hint: trouble.hint };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

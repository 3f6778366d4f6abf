import { type EdgewrightError, type Logger, reasonOf } from '../../common/core/index.ts';
import type { LogLevel } from '../../common/observability/index.ts';
import type { RecordEffect } from '../../scoring/pipeline/index.ts';
import type { Config } from '../config/index.ts';
import { AssetLimitWatch } from './asset-limit-watch.ts';
import { createCheckpointer } from './checkpointer.ts';
import { watchClock } from './clock-watch.ts';
import { tellConfigChange } from './config-change.ts';
import { Driver } from './driver.ts';
import { openEngine } from './engine.ts';
import type { GatewayApi, GatewayView } from './gateway-api.ts';
import { ModelWatch } from './model-watch.ts';
import { OutboxFigures } from './outbox-figures.ts';
import type { Installation } from './package-root.ts';
import { Parts } from './parts.ts';
import { trackSources } from './positions.ts';
import { Recorder } from './recorder.ts';
import { Reloader } from './reload.ts';
import { recallState, resumePipelines } from './restore.ts';
import { SourceHost } from './source-host.ts';
import { gatewayStatus } from './status.ts';
import { openGatewayStorage } from './storage.ts';
import { recallTime, type SystemClock } from './system-clock.ts';
import { openUplink } from './uplink.ts';
import { within } from './within.ts';

/** How often silent assets are looked for and the outbox is asked for its figures. */
const TICK_MS = 1_000;
/** Time that a status waits for the outbox's figures; a disk that hangs must not hang it, too. */
const FIGURES_MS = 1_000;
/** Bounds of an orderly stop, so that a service manager never has to kill it: engine, checkpoint, then disk and broker. */
const DRAIN_ENGINE_MS = 1_500;
const DRAIN_STORE_MS = 1_000;
const DRAIN_LINK_MS = 1_500;

export interface GatewayDeps {
  readonly installation: Installation;
  readonly logger: Logger;
  readonly clock: SystemClock;
  /** Sees every record as it is made, before it is stored. */
  readonly onRecord?: (effect: RecordEffect) => void;
  /** Answers over HTTP while the gateway runs. */
  readonly api?: GatewayApi;
  /** What made it impossible to go on; the gateway still wants to be stopped. */
  readonly onFailure: (error: EdgewrightError) => void;
  /** Aborts where the start is to be given up: what has started is stopped, and the start rejects with its reason. */
  readonly stopping?: AbortSignal;
  /** Sets the least level of the log, where a configuration that is read again says another one. */
  readonly setLogLevel?: (level: LogLevel) => void;
}

/** A gateway that was started. */
export interface Gateway extends GatewayView {
  readonly boot: string;
  /** Stops the parts in the reverse order of the start; tells how many records still wait for the broker. */
  stop(): Promise<{ pending: number }>;
}

/**
 * The composition root: builds the parts of a gateway from bottom to top, each from those before it, and starts them.
 * Resolves once all models are warm and each source is open or has been waited for. A start that fails stops what was
 * started, and rejects with the first error.
 */
export async function startGateway(
  config: Config,
  deps: GatewayDeps,
  parts: Parts = new Parts(deps.logger, deps.stopping),
): Promise<Gateway> {
  try {
    return await compose(config, deps, parts);
  } catch (error) {
    // The log has what fails at the stop, too; the caller wants to know why the gateway did not start.
    await parts.stop().catch(() => undefined);
    throw error;
  }
}

async function compose(config: Config, deps: GatewayDeps, parts: Parts): Promise<Gateway> {
  const { installation, logger, clock } = deps;
  const began = clock.monotonic();
  const [engine, { outbox, control }] = await parts.startTogether(
    { name: 'engine', start: () => openEngine(config, deps), stop: (running) => running.close() },
    {
      name: 'storage',
      start: () => openGatewayStorage(config, deps),
      stop: async (running) => void (await running.outbox.close()),
    },
  );
  const figures = new OutboxFigures(outbox);
  await parts.wait(recallTime(control, clock));
  // The first status message tells of the queue.
  await parts.wait(figures.refresh());

  const recalled = await parts.wait(recallState({ outbox, control, logger }));
  const positions = trackSources(config, recalled.positions, outbox.opened.positions);
  const metered = config.uplink?.budget !== undefined;
  const recorder = new Recorder({ outbox, positions, clock, metered });
  if (deps.onRecord) recorder.tap(deps.onRecord);
  const driver = new Driver(recorder, clock.monotonic);
  await parts.wait(engine.loadInto(driver));
  const uplink = await parts.wait(
    openUplink({ config, installation, clock, logger, outbox, control, figures, driver }),
  );
  const resumed = await parts.wait(
    resumePipelines(recalled, {
      ...{ config, scored: driver.scored, challengers: driver.challengers, control, clock, logger },
    }),
  );
  for (const record of resumed.ended) recorder.record({ kind: 'record', record, readingNumber: 0 });
  await tellConfigChange({ config, scored: driver.scored, outbox, control, clock, begunAnew: resumed.begunAnew });

  const checkpointer = createCheckpointer({ driver, positions, outbox, control, round: recalled.round, clock, logger });
  recorder.tap(({ record }) => {
    if (record.type === 'alarm') checkpointer.soon();
  });
  const sources = new SourceHost({
    ...{ config, driver, positions, clock, logger },
    credit: (patience) => outbox.credit(patience),
    storePosition: (position) => outbox.append([], position),
    forgotten: (assets) => checkpointer.forget(assets),
  });
  const clockWatch = watchClock({ config, clock, driver, outbox, control, logger });
  const limitWatch = new AssetLimitWatch(driver, logger, (detail) => outbox.event('asset-limit', detail, clock.now()));
  const modelWatch = new ModelWatch(driver, (detail) => outbox.event('model-failed', detail, clock.now()));

  // These parts stop, and tick, from the last to the first.
  await parts.start({
    name: 'uplink',
    start: () => uplink?.start(),
    stop: () => uplink?.stop(DRAIN_LINK_MS),
  });
  parts.add({
    name: 'outbox',
    stop: () =>
      within(
        DRAIN_LINK_MS,
        outbox.flush().catch(() => undefined),
      ),
    tick: () => {
      figures.refresh().catch((error: unknown) => {
        logger.warn('outbox does not answer', { reason: reasonOf(error) });
      });
    },
  });
  parts.add({ name: 'models', tick: () => modelWatch.tick() });
  parts.add({ name: 'asset limits', tick: () => limitWatch.tick() });
  parts.add({
    name: 'checkpoints',
    stop: () => within(DRAIN_STORE_MS, checkpointer.stop()),
    tick: () => checkpointer.tick(),
  });
  parts.add({
    name: 'positions',
    stop: () => recorder.storePositions(),
    tick: () => recorder.storePositions(),
  });
  parts.add({ name: 'summaries', stop: () => driver.closeSummaries() });
  parts.add({
    name: 'pipelines',
    stop: () => within(DRAIN_ENGINE_MS, driver.whenIdle()),
    tick: () => driver.tick(),
  });
  const openSources = () => {
    // What is dialled or waited for ends with it.
    deps.stopping?.addEventListener('abort', () => void sources.stop(), { once: true });
    return sources.start();
  };
  await parts.start({ name: 'sources', start: openSources, stop: () => sources.stop() });
  parts.add({ name: 'clock', tick: () => clockWatch.tick() });
  const reloader = new Reloader({
    ...{ config, engine, driver, sources, outbox, control, clock, logger },
    setLogLevel: deps.setLogLevel ?? (() => undefined),
    forget: (assets) => checkpointer.forget(assets),
  });
  parts.add({ name: 'reload', tick: () => reloader.tick() });
  await parts.start({
    name: 'ticks',
    start: () => setInterval(() => parts.tick(), TICK_MS),
    stop: (timer) => clearInterval(timer),
  });

  const view: GatewayView = {
    status: async () => {
      const stats = await figures.newest(FIGURES_MS);
      return gatewayStatus({ config, installation, clock, began, outbox, driver, uplink, sources, stats });
    },
    verifyAudit: () => control.verifyAudit(),
    reload: (next) => reloader.reload(next),
  };
  await parts.start({ name: 'api', start: () => deps.api?.open(view), stop: () => deps.api?.close() });
  return {
    ...view,
    boot: outbox.opened.boot,
    stop: async () => {
      await parts.stop();
      // Closed already: it says once more what was pending then.
      const { pending } = await outbox.close();
      return { pending: pending ?? figures.queue.pending };
    },
  };
}

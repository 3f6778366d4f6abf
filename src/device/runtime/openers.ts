import { type EdgewrightError, type Logger, reasonOf } from '../../common/core/index.ts';
import { type OutboxClient, openOutbox } from '../../storage/outbox/index.ts';
import type { Config } from '../config/index.ts';
import { createUplink, type DeviceState, type Memory, type Uplink } from '../sync/index.ts';
import type { Assembly } from './assembly.ts';
import { BUILD_TIME } from './build-date.ts';
import type { RecordListener } from './driver.ts';
import type { OutboxView } from './outbox-port.ts';
import type { Installation } from './package-root.ts';
import type { SystemClock } from './system-clock.ts';

export interface GatewayDeps {
  readonly installation: Installation;
  readonly logger: Logger;
  readonly clock: SystemClock;
  /** Sees every record as it is made, before it is stored. */
  readonly onRecord?: RecordListener;
  /** What made it impossible to go on; the gateway still wants to be stopped. */
  readonly onFailure: (error: EdgewrightError) => void;
}

/** Two checkpoints and the writing of one. */
const LEAST_KEPT_MS = 15_000;

export function openStore(config: Config, deps: GatewayDeps, view: OutboxView): Promise<OutboxClient> {
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
          ? logger.error('a file was damaged: what can be read of it is kept', detail)
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

export async function openUplink(
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

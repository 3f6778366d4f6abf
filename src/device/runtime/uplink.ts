import { type Clock, type Logger, reasonOf } from '../../common/core/index.ts';
import type { ControlClient, OutboxClient } from '../../storage/thread/index.ts';
import type { Config } from '../config/index.ts';
import { type BudgetStore, createUplink, type DeviceState, explainAnswer, type Uplink } from '../sync/index.ts';
import type { Driver } from './driver.ts';
import type { OutboxFigures } from './outbox-figures.ts';
import type { Installation } from './package-root.ts';

export interface UplinkParts {
  readonly config: Config;
  readonly installation: Pick<Installation, 'version'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outbox: OutboxClient;
  readonly control: ControlClient;
  readonly figures: OutboxFigures;
  readonly driver: Driver;
}

/** The uplink, not yet started; undefined where the configuration has none. Throws `link.bad-url`. */
export async function openUplink(parts: UplinkParts): Promise<Uplink | undefined> {
  const { config, installation, clock, logger, outbox, control, figures, driver } = parts;
  if (!config.uplink) return undefined;
  const identity = { site: config.site, device: config.device, boot: outbox.opened.boot };
  const versions = { edgewright: installation.version, node: process.versions.node };
  const state = (): DeviceState => ({
    seq: outbox.seq,
    versions,
    models: driver.scored.map(({ pipeline }) => ({ pipeline: pipeline.name, ...pipeline.identity })),
    queue: figures.queue,
    ...(figures.audit && { audit: figures.audit }),
  });
  return createUplink(config.uplink, identity, {
    ...{ outbox, state, clock, logger },
    answers: [explainAnswer((pipeline, asset) => driver.explain(pipeline, asset))],
    onConflict: (detail) => outbox.event('identity-conflict', detail, clock.now()),
    budgetStore: await openBudgetStore(config.uplink, control, logger),
  });
}

/** Keeps the budget of the day in control.db. */
async function openBudgetStore(
  { budget: limit }: NonNullable<Config['uplink']>,
  control: ControlClient,
  logger: Logger,
): Promise<BudgetStore> {
  const budget = limit === undefined ? undefined : await control.recallBudget();
  let saved = JSON.stringify(budget);
  return {
    saved: budget,
    save(value) {
      const text = JSON.stringify(value);
      if (text === saved) return;
      saved = text;
      control.rememberBudget(value).catch((error: unknown) => {
        logger.warn('budget of the day not saved', { reason: reasonOf(error) });
      });
    },
  };
}

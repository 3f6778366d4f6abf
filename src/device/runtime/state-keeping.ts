import { type Logger, reasonOf } from '../../common/core/index.ts';
import type { OutboxClient } from '../../storage/outbox/index.ts';
import type { Config } from '../config/index.ts';
import type { Assembly } from './assembly.ts';
import { checkpointStore } from './checkpoint-store.ts';
import { Checkpointer } from './checkpointer.ts';
import { clockStore } from './clock-store.ts';
import { ClockWatch } from './clock-watch.ts';
import { type ConfigDigest, configChange, digestConfig } from './config-change.ts';
import type { OutboxView } from './outbox-port.ts';
import { type Restored, restorePipelines } from './restore.ts';
import type { SourceHost } from './source-host.ts';
import type { SystemClock } from './system-clock.ts';

export interface StateDeps {
  readonly config: Config;
  readonly outbox: OutboxClient;
  readonly view: OutboxView;
  readonly assembly: Assembly;
  readonly clock: SystemClock;
  readonly logger: Logger;
}

/** What earlier starts know of the time; a gateway starts without it, too. */
export async function recallTime({ outbox, clock }: Pick<StateDeps, 'outbox' | 'clock'>): Promise<void> {
  const remembered = await clockStore(outbox)
    .recall()
    .catch(() => undefined);
  if (remembered !== undefined) clock.remember(remembered);
}

/** Puts the pipelines back to where they were, and tells where the configuration is another one. */
export async function goOn({ config, outbox, assembly, clock, logger }: StateDeps): Promise<Restored> {
  const { boot, seq } = outbox.opened;
  const { scored } = assembly;
  const restored = await restorePipelines({
    ...{ config, scored, clock, logger },
    store: checkpointStore(outbox),
    toldSince: (...place) => outbox.committedSince(...place),
    marks: outbox.positions(),
    place: { boot, seq },
  });
  const models = Object.fromEntries(scored.map(({ pipeline }) => [pipeline.name, pipeline.identity.digest]));
  const now = digestConfig(config, models);
  const before = await outbox.aside<ConfigDigest | undefined>('config', now).catch(() => undefined);
  const change = configChange(before, now, restored.anew);
  if (change !== undefined) outbox.event('config', change, clock.now());
  return restored;
}

export function keepCheckpoints(deps: StateDeps, sources: SourceHost, { round }: Restored): Checkpointer {
  const { outbox, view, assembly, clock, logger } = deps;
  const { boot } = outbox.opened;
  return new Checkpointer({
    store: checkpointStore(outbox),
    pipelines: assembly.scored.map(({ pipeline }) => pipeline.name),
    snapshot: () => assembly.driver.snapshot(),
    positions: () => sources.positions(),
    committed: () => ({ boot, seq: view.seq }),
    ...{ round, clock, logger },
  });
}

/** What a source turned out not to go on with must not be gone on with at the next start either. */
export function forgetCheckpoints(
  { outbox, logger }: Pick<StateDeps, 'outbox' | 'logger'>,
  keys: readonly [pipeline: string, asset: string][],
): void {
  if (keys.length === 0) return;
  checkpointStore(outbox)
    .forget(keys)
    .catch((error: unknown) => logger.warn('checkpoints not forgotten', { reason: reasonOf(error) }));
}

export function watchClock({ config, outbox, view, assembly, clock, logger }: StateDeps): ClockWatch {
  const times = clockStore(outbox);
  return new ClockWatch({
    ...{ clock, boot: outbox.opened.boot, logger },
    flush: () => outbox.flush(),
    seq: () => view.seq,
    tell: (event, detail, at) => outbox.event(event, detail, at),
    remember: (time) => times.remember(time),
    stepped: ({ from, to, trusted }) => {
      outbox.setClock(to, trusted);
      if (to < from && trusted) assembly.driver.resetBeyond(to + config.time.tolerance, 'clock: it was set back');
    },
  });
}

/** Tells once of each model that gave up; to be called now and then. */
export function watchModels({ outbox, assembly, clock }: StateDeps): () => void {
  const failed = new Set<string>();
  return () => {
    for (const { pipeline, model } of assembly.scored) {
      const { state, restarts } = model.stats();
      if (state !== 'failed' || failed.has(pipeline.name)) continue;
      failed.add(pipeline.name);
      const { name, version, digest } = pipeline.identity;
      outbox.event(
        'model-failed',
        { pipeline: pipeline.name, model: { name, version, digest }, restarts },
        clock.now(),
      );
    }
  };
}

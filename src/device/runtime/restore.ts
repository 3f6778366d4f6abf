import { type Clock, EdgewrightError, type Logger } from '../../common/core/index.ts';
import { opensIn } from '../../scoring/sources/index.ts';
import type { Checkpoint, CheckpointHead, CheckpointRow } from '../../storage/control/index.ts';
import type { EmittedWatermark } from '../../storage/outbox/index.ts';
import type { ControlClient, OutboxClient } from '../../storage/thread/index.ts';
import type { Config } from '../config/index.ts';
import type { Scored } from './driver.ts';

/** Reason that windows give which reach over a stop that was not in order, where the source cannot give readings again. */
const MISSING = 'restart: readings since the last checkpoint may be missing';

/** Where a start goes on: the newest checkpoint, and what was committed since. */
export interface Recalled {
  /** Number of the newest round of checkpoints. */
  readonly round: number;
  /** How far each source had been read. */
  readonly positions: Readonly<Record<string, string>>;
  /** The checkpoint is of a stop in order: nothing came after it. */
  readonly clean: boolean;
  readonly rows: readonly CheckpointRow[];
  /** Predictions and alarms committed since, per asset, up to when. */
  readonly committed: readonly EmittedWatermark[];
}

export interface RecallDeps {
  readonly outbox: Pick<OutboxClient, 'opened' | 'positions' | 'committedSince'>;
  readonly control: Pick<ControlClient, 'takeCheckpoint' | 'completeCheckpoint'>;
  readonly logger: Logger;
}

/** Reads where to go on. A gateway starts without a checkpoint, too: then at the positions that the committed records cover. */
export async function recallState({ outbox, control, logger }: RecallDeps): Promise<Recalled> {
  try {
    const { head, rows } = (await control.takeCheckpoint()) ?? (await beginCheckpoints(outbox, control));
    const { round, positions, clean, boot, seq } = head;
    return { round, positions, clean, rows, committed: await outbox.committedSince(boot, seq) };
  } catch (error) {
    if (!(error instanceof EdgewrightError)) throw error;
    const { code, message, hint } = error;
    logger.error('checkpoint cannot be read: windows and alarms begin anew', { code, reason: message, hint });
    return { round: 0, positions: outbox.positions(), clean: false, rows: [], committed: [] };
  }
}

/** Writes a checkpoint of nothing: a crash before the next one goes on from here, too. */
async function beginCheckpoints(outbox: RecallDeps['outbox'], control: RecallDeps['control']): Promise<Checkpoint> {
  const { boot, seq } = outbox.opened;
  const head: CheckpointHead = { round: 1, boot, seq, positions: outbox.positions(), clean: false };
  await control.completeCheckpoint(head);
  return { head, rows: [] };
}

export interface ResumeDeps {
  readonly config: Config;
  readonly scored: readonly Scored[];
  readonly control: Pick<ControlClient, 'forgetAssets'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Resumed {
  /** Assets whose part begins anew because model or configuration are others, by `PIPELINE: PART`. */
  readonly begunAnew: Readonly<Record<string, number>>;
}

/** Puts the pipelines back to the checkpoint; what was committed since then is not emitted again. */
export async function resumePipelines(recalled: Recalled, deps: ResumeDeps): Promise<Resumed> {
  const { scored, control, logger } = deps;
  const { begunAnew, gone } = putBack(recalled, deps);
  for (const { pipeline, type, asset, until, ties } of recalled.committed) {
    scored.find((one) => one.pipeline.name === pipeline)?.pipeline.emittedUntil(asset, type, until, ties);
  }
  if (gone.length > 0) await forget(gone, control, logger);
  if (Object.keys(begunAnew).length > 0) logger.warn('begins anew: model or configuration are others', begunAnew);
  return { begunAnew };
}

function putBack(
  { rows, clean, positions }: Recalled,
  { scored, config, clock }: ResumeDeps,
): { begunAnew: Record<string, number>; gone: [string, string][] } {
  const begunAnew: Record<string, number> = {};
  const gone: [string, string][] = [];
  const known = new Map(
    scored.map((one) => [one.pipeline.name, { one, missing: missingIn(one, clean, positions, config) }]),
  );
  for (const { pipeline, asset, body } of rows) {
    const { one, missing } = known.get(pipeline) ?? {};
    const parts = one?.pipeline.restore(asset, body, clock.monotonic(), missing) ?? ['asset'];
    for (const part of parts) {
      if (part === 'asset') gone.push([pipeline, asset]);
      else begunAnew[`${pipeline}: ${part}`] = (begunAnew[`${pipeline}: ${part}`] ?? 0) + 1;
    }
  }
  return { begunAnew, gone };
}

async function forget(gone: [string, string][], control: ResumeDeps['control'], logger: Logger): Promise<void> {
  try {
    await control.forgetAssets(gone);
  } catch (error) {
    if (!(error instanceof EdgewrightError)) throw error;
    const { code, message, hint } = error;
    // They are found again, and not taken again, at the next start.
    logger.warn('checkpoints of assets that nobody has any more are not deleted', { code, reason: message, hint });
  }
}

/** The reason, or undefined: after a stop in order a broker has kept what came since, and a file goes on at its position. */
function missingIn(
  { sources }: Scored,
  clean: boolean,
  positions: Readonly<Record<string, string>>,
  config: Config,
): string | undefined {
  const live = sources.filter((name) => config.sources[name] && opensIn(config.sources[name], 'run'));
  return clean || live.every((name) => positions[name] !== undefined) ? undefined : MISSING;
}

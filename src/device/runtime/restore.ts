import { type Clock, EdgewrightError, type Logger } from '../../common/core/index.ts';
import type { EndedAlarm, Pipeline } from '../../scoring/pipeline/index.ts';
import { opensIn } from '../../scoring/sources/index.ts';
import type { CheckpointHead, CheckpointRow } from '../../storage/control/index.ts';
import type { Emitted } from '../../storage/outbox/index.ts';
import type { ControlClient, OutboxClient } from '../../storage/thread/index.ts';
import type { Config } from '../config/index.ts';
import type { Scored } from './driver.ts';
import { carryAlarms, knownAlarms } from './standing.ts';

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
  /** What was committed since. */
  readonly committed: Emitted;
}

export interface RecallDeps {
  readonly outbox: Pick<OutboxClient, 'opened' | 'positions' | 'emittedSince'>;
  readonly control: Pick<ControlClient, 'takeCheckpoint' | 'completeCheckpoint'>;
  readonly logger: Logger;
}

/** Reads where to go on. A gateway starts without a checkpoint, too: then at the positions that the committed records cover. */
export async function recallState({ outbox, control, logger }: RecallDeps): Promise<Recalled> {
  try {
    const found = await control.takeCheckpoint();
    if (found === undefined) return await beginCheckpoints(outbox, control);
    const { round, positions, boot, seq } = found.head;
    // While control.db took nothing, the checkpoint of a stop in order stayed as it was over the boots that followed.
    const clean = found.head.clean && boot === (outbox.opened.previous?.boot ?? boot);
    return { round, positions, clean, rows: found.rows, committed: await outbox.emittedSince(boot, seq) };
  } catch (error) {
    if (!(error instanceof EdgewrightError)) throw error;
    const { code, message, hint } = error;
    logger.error('checkpoint cannot be read: windows and alarms begin anew', { code, reason: message, hint });
    const alarms = await alarmsOf(outbox);
    return { round: 0, positions: outbox.positions(), clean: false, rows: [], committed: { watermarks: [], alarms } };
  }
}

/** Writes a checkpoint of nothing: a crash before the next one goes on from here, too. */
async function beginCheckpoints(outbox: RecallDeps['outbox'], control: RecallDeps['control']): Promise<Recalled> {
  const { boot, seq } = outbox.opened;
  const alarms = await alarmsOf(outbox);
  const head: CheckpointHead = { round: 1, boot, seq, positions: outbox.positions(), clean: false };
  await control.completeCheckpoint(head);
  const { round, positions, clean } = head;
  return { round, positions, clean, rows: [], committed: { watermarks: [], alarms } };
}

/** How alarms stand by the records that the outbox still has: all that is known where no checkpoint is. */
async function alarmsOf(outbox: RecallDeps['outbox']): Promise<Emitted['alarms']> {
  return (await outbox.emittedSince('', 0)).alarms;
}

export interface ResumeDeps {
  readonly config: Config;
  readonly scored: readonly Scored[];
  readonly challengers: readonly Scored[];
  readonly control: Pick<ControlClient, 'forgetAssets'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Resumed {
  /** Assets whose part begins anew because model or configuration are others, by `PIPELINE: PART`. */
  readonly begunAnew: Readonly<Record<string, number>>;
  /** Alarms that were told to stand and that no pipeline goes on with. */
  readonly ended: readonly EndedAlarm[];
}

/**
 * Puts the pipelines back to the checkpoint, and forward by what was committed since then, which is not emitted again.
 * What may be missing in between is known to the windows and summaries.
 */
export async function resumePipelines(recalled: Recalled, deps: ResumeDeps): Promise<Resumed> {
  const { scored, control, config, logger } = deps;
  const { rows, committed, clean, positions } = recalled;
  const pipelines = byName(scored);
  const reset = putBack(rows, pipelines, deps.clock);
  const resetOf = (pipeline: string, asset: string) => reset.get(pipeline)?.get(asset) ?? [];
  const challengers = byName(deps.challengers);
  for (const records of committed.watermarks) {
    (records.type === 'shadow' ? challengers : pipelines).get(records.pipeline)?.emitted(records);
  }
  const ended = carryAlarms(knownAlarms(rows, committed), pipelines, resetOf);
  for (const one of scored) {
    if (missingIn(one, clean, positions, config)) one.pipeline.interrupted(MISSING, true);
  }
  const gone = rows.flatMap(({ pipeline, asset }): [string, string][] =>
    resetOf(pipeline, asset).includes('asset') ? [[pipeline, asset]] : [],
  );
  if (gone.length > 0) await forget(gone, control, logger);
  const begunAnew = countParts(reset);
  if (Object.keys(begunAnew).length > 0) logger.warn('begins anew: model or configuration are others', begunAnew);
  return { begunAnew, ended };
}

function byName(scored: readonly Scored[]): Map<string, Pipeline> {
  return new Map(scored.map(({ pipeline }) => [pipeline.name, pipeline]));
}

/** The parts of assets that could not be restored, by pipeline and asset. */
type ResetParts = Map<string, Map<string, readonly string[]>>;

function putBack(rows: readonly CheckpointRow[], pipelines: ReadonlyMap<string, Pipeline>, clock: Clock): ResetParts {
  const reset: ResetParts = new Map();
  for (const { pipeline, asset, body } of rows) {
    const parts = pipelines.get(pipeline)?.restore(asset, body, clock.monotonic()) ?? ['asset'];
    const assets = reset.get(pipeline) ?? new Map<string, readonly string[]>();
    reset.set(pipeline, assets.set(asset, parts));
  }
  return reset;
}

/** Counts the assets whose part begins anew, by `PIPELINE: PART`. */
function countParts(reset: ResetParts): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [pipeline, assets] of reset) {
    for (const part of [...assets.values()].flat()) {
      if (part !== 'asset') counts[`${pipeline}: ${part}`] = (counts[`${pipeline}: ${part}`] ?? 0) + 1;
    }
  }
  return counts;
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

/** Whether readings may: after a stop in order a broker has kept what came since, and a file goes on at its position. */
function missingIn(
  { sources }: Scored,
  clean: boolean,
  positions: Readonly<Record<string, string>>,
  config: Config,
): boolean {
  const live = sources.filter((name) => config.sources[name] && opensIn(config.sources[name], 'run'));
  return !clean && !live.every((name) => positions[name] !== undefined);
}

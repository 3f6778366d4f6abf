import { type Clock, EdgewrightError, type Logger } from '../../common/core/index.ts';
import { opensIn } from '../../scoring/sources/index.ts';
import type { Checkpoint, CheckpointHead, CheckpointRow } from '../../storage/control/index.ts';
import type { EmittedWatermark } from '../../storage/outbox/index.ts';
import type { Config } from '../config/index.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import type { Scored } from './driver.ts';

/** What windows say that reach over a stop which was not in order, where the source cannot give readings again. */
const MISSING = 'restart: readings since the last checkpoint may be missing';

export interface RestoreDeps {
  readonly config: Config;
  readonly scored: readonly Scored[];
  readonly store: CheckpointStore;
  /** A record of this boot that is committed. */
  readonly place: { readonly boot: string; readonly seq: number };
  /** Positions that the committed records cover, for a start without a checkpoint. */
  readonly marks: Readonly<Record<string, string>>;
  /** What is committed of predictions and alarms after a place: per asset, up to when. */
  readonly toldSince: (boot: string, seq: number) => Promise<readonly EmittedWatermark[]>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Restored {
  readonly round: number;
  /** Where the sources go on. */
  readonly positions: Readonly<Record<string, string>>;
  /** Assets whose part begins anew because model or configuration are others, by `PIPELINE: PART`. */
  readonly anew: Readonly<Record<string, number>>;
}

/** Puts the pipelines back to the last checkpoint; what was told since then is not told again. A gateway starts without one, too. */
export async function restorePipelines(deps: RestoreDeps): Promise<Restored> {
  const { store, logger } = deps;
  try {
    const { head, rows } = (await store.take()) ?? (await first(deps));
    const { anew, gone } = putBack(rows, deps, (scored) => missingIn(scored, head.clean, head.positions, deps.config));
    for (const { pipeline, type, asset, until, ties } of await deps.toldSince(head.boot, head.seq)) {
      deps.scored.find((scored) => scored.pipeline.name === pipeline)?.pipeline.toldUntil(asset, type, until, ties);
    }
    if (gone.length > 0) await store.forget(gone);
    if (Object.keys(anew).length > 0) logger.warn('begins anew: model or configuration are others', anew);
    return { round: head.round, positions: head.positions, anew };
  } catch (error) {
    if (!(error instanceof EdgewrightError)) throw error;
    const { code, message, hint } = error;
    logger.error('checkpoint cannot be read: windows and alarms begin anew', { code, reason: message, hint });
    return { round: 0, positions: deps.marks, anew: {} };
  }
}

/** A checkpoint of nothing: a crash before the next one goes on from here, too. */
async function first({ store, place, marks }: RestoreDeps): Promise<Checkpoint> {
  const head: CheckpointHead = { round: 1, ...place, positions: marks, clean: false };
  await store.complete(head);
  return { head, rows: [] };
}

function putBack(
  rows: readonly CheckpointRow[],
  { scored, clock }: RestoreDeps,
  missingIn: (scored: Scored) => string | undefined,
): { anew: Record<string, number>; gone: [string, string][] } {
  const anew: Record<string, number> = {};
  const gone: [string, string][] = [];
  const known = new Map(scored.map((one) => [one.pipeline.name, { one, missing: missingIn(one) }]));
  for (const { pipeline, asset, body } of rows) {
    const { one, missing } = known.get(pipeline) ?? {};
    const parts = one?.pipeline.restore(asset, body, clock.monotonic(), missing) ?? ['asset'];
    for (const part of parts) {
      if (part === 'asset') gone.push([pipeline, asset]);
      else anew[`${pipeline}: ${part}`] = (anew[`${pipeline}: ${part}`] ?? 0) + 1;
    }
  }
  return { anew, gone };
}

/** After a stop in order a broker has kept what came since, and a file goes on at its position. */
function missingIn(
  { sources }: Scored,
  clean: boolean,
  positions: Readonly<Record<string, string>>,
  config: Config,
): string | undefined {
  const live = sources.filter((name) => config.sources[name] && opensIn(config.sources[name], 'run'));
  return clean || live.every((name) => positions[name] !== undefined) ? undefined : MISSING;
}

import type { AlarmEnd, Severity } from '../../common/core/index.ts';
import {
  type AssetSnapshot,
  type EndedAlarm,
  endOfAlarm,
  isModelOf,
  type Pipeline,
  type SavedAlarm,
  savedAlarms,
  type ToldAlarm,
} from '../../scoring/pipeline/index.ts';
import type { Emitted } from '../../storage/outbox/index.ts';

/** An alarm of an asset as it was told last. */
export interface KnownAlarm {
  readonly pipeline: string;
  readonly asset: string;
  readonly alarm: string;
  /** What a snapshot has of it; undefined where none has it. */
  readonly saved: SavedAlarm | undefined;
  /** What was committed behind that; undefined for nothing. */
  readonly told: ToldAlarm | undefined;
  /** Newest event time that is known of the asset, ms. */
  readonly t: number;
  /** Severity of the rule that raised it; undefined where it was not saved. */
  readonly severity: Severity | undefined;
}

/** A snapshot, and whose it is. */
export type PipelineSnapshot = AssetSnapshot & { readonly pipeline: string };

/** The severity of a rule that says nothing. */
const DEFAULT_SEVERITY: Severity = 'high';

/** Finds how each alarm was told last: as snapshots have it, carried forward by what was committed behind them. */
export function knownAlarms(snapshots: readonly PipelineSnapshot[], emitted: Emitted): KnownAlarm[] {
  const known = new Map<string, KnownAlarm>();
  for (const { pipeline, asset, body } of snapshots) {
    for (const [alarm, saved] of savedAlarms(body)) {
      const { t, severity } = saved;
      known.set(keyOf(pipeline, asset, alarm), { pipeline, asset, alarm, saved, told: undefined, t, severity });
    }
  }
  for (const { pipeline, asset, alarm, state, since, t, severity } of emitted.alarms) {
    const key = keyOf(pipeline, asset, alarm);
    const told = { raised: state === 'raised', since, t };
    known.set(key, { pipeline, asset, alarm, saved: known.get(key)?.saved, told, t, severity });
  }
  const newest = new Map(emitted.watermarks.map(({ pipeline, asset, until }) => [keyOf(pipeline, asset), until]));
  return Array.from(known.values(), (one) => ({
    ...one,
    t: Math.max(one.t, newest.get(keyOf(one.pipeline, one.asset)) ?? one.t),
  }));
}

/**
 * Carries the alarms of pipelines forward to how they were told. Returns the records that clear those which stand and
 * which no pipeline goes on with.
 * @param reset the parts of an asset that could not be restored, see `Pipeline.restore`
 */
export function carryAlarms(
  known: readonly KnownAlarm[],
  pipelines: ReadonlyMap<string, Pipeline>,
  reset: (pipeline: string, asset: string) => readonly string[],
): EndedAlarm[] {
  return known.flatMap((one) => {
    const { asset, alarm, saved, told } = one;
    const last = told ?? saved;
    const pipeline = pipelines.get(one.pipeline);
    const rule = pipeline?.severityOf(asset, alarm);
    const anew = reset(one.pipeline, asset).some((part) => part === 'all' || part === `alarm ${alarm}`);
    if (pipeline !== undefined && rule !== undefined && !anew) {
      if (told) pipeline.tell(asset, alarm, told);
      return [];
    }
    if (!last?.raised) return [];
    if (rule !== undefined) pipeline?.tell(asset, alarm, { raised: false, since: last.since, t: one.t });
    const severity = one.severity ?? rule ?? DEFAULT_SEVERITY;
    const reason = whyEnded(saved, pipeline, rule);
    return [endOfAlarm({ t: one.t, pipeline: one.pipeline, asset, alarm, severity, since: last.since, reason })];
  });
}

function whyEnded(saved: SavedAlarm | undefined, pipeline: Pipeline | undefined, rule: Severity | undefined): AlarmEnd {
  if (pipeline === undefined || rule === undefined) return 'removed';
  return saved && !isModelOf(saved, pipeline.identity.digest) ? 'model' : 'rule';
}

function keyOf(...names: string[]): string {
  return JSON.stringify(names);
}

import type { Statement, Store } from '../../../common/store/index.ts';
import type { OutboxState } from './outbox-state.ts';
import type { ToldRow } from './rows/told-records.ts';

/** The event times from which, and up to which, records of a type and an asset are committed. */
export interface EmittedWatermark {
  readonly pipeline: string;
  readonly type: 'prediction' | 'shadow' | 'alarm' | 'summary';
  readonly asset: string;
  readonly from: number;
  readonly until: number;
  /** Number of records that have just the time `until`. */
  readonly ties: number;
}

/** What was told last of an alarm. */
export type EmittedAlarm = Omit<ToldRow, 'id' | 'type'>;

/** What was emitted and committed behind a place. */
export interface Emitted {
  readonly watermarks: readonly EmittedWatermark[];
  readonly alarms: readonly EmittedAlarm[];
}

/** Rows that are looked at, half a second's work, so that a start does not depend on how much is queued. */
const MAX_ROWS = 200_000;

/**
 * Rows that count are valid JSON, which a damaged one need not be; no operator's answers to alarms, which rest on no
 * window; and no summaries that stand for what was folded.
 */
const COUNTS = `type IN ('prediction', 'shadow', 'alarm', 'summary') AND CASE WHEN json_valid(body)
  THEN coalesce(json_extract(body, '$.state') IN ('raised', 'cleared'), true)
    AND json_extract(body, '$.folded') IS NULL ELSE false END`;

/**
 * The newest row is the one that was emitted last: a greater time before it is of a clock that was set back since. Those
 * of its time count also where they lie before the place: a snapshot has counted them.
 */
const WATERMARKS = `
  WITH told AS MATERIALIZED (
    SELECT id, pipeline, type, json_extract(body, '$.asset') AS asset, t FROM record JOIN ledger USING (kind)
    WHERE id > :place AND ${COUNTS}
  ),
  newest AS MATERIALIZED (SELECT pipeline, type, asset, t, max(id) AS newest FROM told GROUP BY 1, 2, 3),
  first AS (SELECT pipeline, type, asset, min(t) AS "from" FROM told GROUP BY 1, 2, 3),
  tied AS (
    SELECT pipeline, type, json_extract(body, '$.asset') AS asset, t FROM record JOIN ledger USING (kind)
    WHERE id > :oldest AND t IN (SELECT t FROM newest) AND ${COUNTS}
  )
  SELECT pipeline, type, asset, "from", t AS until, newest, count(*) AS ties
  FROM newest JOIN first USING (pipeline, type, asset) JOIN tied USING (pipeline, type, asset, t)
  GROUP BY 1, 2, 3`;

/** A watermark, and the id of its newest row. */
type Found = EmittedWatermark & { readonly newest: number };

/** Ids of rows: the newest one before what is asked for, and the one before the oldest that is looked at. */
interface Place {
  readonly place: number;
  readonly oldest: number;
}

/** Reads what was emitted and committed behind a place, so that who resumes there goes on from it. */
export class EmittedReader {
  readonly #state: OutboxState;
  readonly #watermarks: Statement<[Place], Found>;

  constructor(store: Store, state: OutboxState) {
    this.#state = state;
    this.#watermarks = store.prepare<[Place], Found>(WATERMARKS);
  }

  /** What is committed after a seq of a boot, or of all records where the boot is unknown here. */
  since(boot: string, seq: number): Emitted {
    const { boots, records, toldRecords } = this.#state;
    const firstId = boots.firstIdOf(boot);
    const oldest = Math.max(0, records.newestId - MAX_ROWS);
    const place = Math.max(firstId === undefined ? 0 : firstId + seq - 1, oldest);
    return {
      watermarks: withGone(this.#watermarks.all({ place, oldest }), toldRecords.goneSince(place)),
      alarms: toldRecords.alarmsSince(place).map(({ id: _, type: __, ...alarm }) => alarm),
    };
  }
}

/** Adds records whose rows are deleted, before or after those that are there, to the watermarks. */
function withGone(watermarks: readonly Found[], gone: readonly ToldRow[]): EmittedWatermark[] {
  const all = new Map(watermarks.map((one) => [JSON.stringify([one.type, one.pipeline, one.asset]), one]));
  for (const { id, type, pipeline, asset, t } of gone) {
    const key = JSON.stringify([type, pipeline, asset]);
    const known = all.get(key) ?? { type, pipeline, asset, from: t, until: t, ties: 0, newest: 0 };
    const from = Math.min(known.from, t);
    if (t === known.until) all.set(key, { ...known, from, ties: known.ties + 1, newest: Math.max(known.newest, id) });
    else if (id > known.newest) all.set(key, { ...known, from, until: t, ties: 1, newest: id });
    else all.set(key, { ...known, from });
  }
  return Array.from(all.values(), ({ newest: _, ...watermark }) => watermark);
}

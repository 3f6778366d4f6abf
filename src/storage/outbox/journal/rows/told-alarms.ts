import type { AlarmState, Severity } from '../../../../common/core/index.ts';
import type { Statement, Store } from '../../../../common/store/index.ts';
import type { Meta } from './meta.ts';

/** A change of an alarm, and the id of its row. */
export interface AlarmRow {
  readonly id: number;
  readonly pipeline: string;
  readonly asset: string;
  readonly alarm: string;
  readonly state: Extract<AlarmState, 'raised' | 'cleared'>;
  readonly severity: Severity;
  readonly since: number;
  readonly t: number;
}

/** Key of `meta`. */
const GONE_ALARMS = 'gone-alarms';
/** Alarms that are remembered; the oldest go first. */
const MAX_REMEMBERED = 1_000;

/** The newest change of each alarm among rows, in the order in which they were emitted; a person's answers are none. */
const NEWEST = `
  SELECT max(id) AS id, pipeline, body ->> '$.asset' AS asset, body ->> '$.alarm' AS alarm, body ->> '$.state' AS state,
    body ->> '$.severity' AS severity, body ->> '$.since' AS since, t
  FROM record JOIN ledger USING (kind)
  WHERE id BETWEEN ? AND ? AND type = 'alarm' AND (? OR id NOT IN (SELECT id FROM urgent)) AND CASE WHEN json_valid(body)
    THEN body ->> '$.state' IN ('raised', 'cleared') ELSE false END
  GROUP BY 2, 3, 4 ORDER BY 1`;

/**
 * What was told of alarms, also by rows that are deleted: alarms are confirmed first and are then the first to give way,
 * perhaps before a checkpoint knows of them.
 */
export class ToldAlarms {
  readonly #newest: Statement<[number, number, 0 | 1], AlarmRow>;
  readonly #meta: Meta;

  constructor(store: Store, meta: Meta) {
    this.#newest = store.prepare<[number, number, 0 | 1], AlarmRow>(NEWEST);
    this.#meta = meta;
  }

  /** Notes the alarms among settled rows that are about to be deleted. The caller runs it within a transaction. */
  forget(first: number, last: number): void {
    const gone = this.#newest.all(first, last, 0);
    if (gone.length === 0) return;
    const all = newestOf([...this.#remembered(), ...gone]);
    this.#meta.set(GONE_ALARMS, JSON.stringify(all.slice(-MAX_REMEMBERED)));
  }

  /** The newest change of each alarm behind an id, in the order in which they were emitted. */
  since(id: number): AlarmRow[] {
    const gone = this.#remembered().filter((row) => row.id > id);
    return newestOf([...gone, ...this.#newest.all(id + 1, Number.MAX_SAFE_INTEGER, 1)]);
  }

  /** Changes whose rows are deleted. */
  goneSince(id: number): AlarmRow[] {
    return this.#remembered().filter((row) => row.id > id);
  }

  #remembered(): AlarmRow[] {
    return JSON.parse(this.#meta.get(GONE_ALARMS) ?? '[]') as AlarmRow[];
  }
}

function newestOf(rows: readonly AlarmRow[]): AlarmRow[] {
  const newest = new Map<string, AlarmRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.pipeline, row.asset, row.alarm]);
    if ((newest.get(key)?.id ?? 0) <= row.id) newest.set(key, row);
  }
  return [...newest.values()].sort((a, b) => a.id - b.id);
}

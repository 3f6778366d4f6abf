import type { AlarmState, Severity } from '../../../../common/core/index.ts';
import type { Statement, Store } from '../../../../common/store/index.ts';
import type { Meta } from './meta.ts';

/** The newest summary of an asset, or change of one of its alarms, and the id of its row. */
export interface ToldRow {
  readonly id: number;
  readonly type: 'alarm' | 'summary';
  readonly pipeline: string;
  readonly asset: string;
  readonly t: number;
  /** The rest is of alarms alone; null for a summary. */
  readonly alarm: string;
  readonly state: Extract<AlarmState, 'raised' | 'cleared'>;
  readonly severity: Severity;
  readonly since: number;
}

/** Key of `meta`. */
const GONE_RECORDS = 'gone-records';
/** Alarms and summarised assets that are remembered; the oldest go first. */
const MAX_REMEMBERED = 2_000;

/**
 * The newest summary of each asset, and change of each alarm, among rows, in the order in which they were emitted; a
 * person's answers and summaries of what was folded are none.
 */
const NEWEST = `
  SELECT max(id) AS id, type, pipeline, body ->> '$.asset' AS asset, t, body ->> '$.alarm' AS alarm,
    body ->> '$.state' AS state, body ->> '$.severity' AS severity, body ->> '$.since' AS since
  FROM record JOIN ledger USING (kind)
  WHERE id BETWEEN ? AND ? AND type IN ('alarm', 'summary') AND (? OR id NOT IN (SELECT id FROM urgent))
    AND CASE WHEN json_valid(body) THEN body ->> '$.folded' IS NULL
      AND coalesce(body ->> '$.state' IN ('raised', 'cleared'), type = 'summary') ELSE false END
  GROUP BY type, pipeline, asset, alarm ORDER BY 1`;

/**
 * What was told of alarms and summaries, also by rows that are deleted: they may be confirmed and give way before a
 * checkpoint knows of them.
 */
export class ToldRecords {
  readonly #newest: Statement<[number, number, 0 | 1], ToldRow>;
  readonly #meta: Meta;

  constructor(store: Store, meta: Meta) {
    this.#newest = store.prepare<[number, number, 0 | 1], ToldRow>(NEWEST);
    this.#meta = meta;
  }

  /** Notes those among settled rows that are about to be deleted. The caller runs it within a transaction. */
  forget(first: number, last: number): void {
    const gone = this.#newest.all(first, last, 0);
    if (gone.length === 0) return;
    const all = newestOf([...this.#remembered(), ...gone]);
    this.#meta.set(GONE_RECORDS, JSON.stringify(all.slice(-MAX_REMEMBERED)));
  }

  /** The newest change of each alarm behind an id, in the order in which they were emitted. */
  alarmsSince(id: number): ToldRow[] {
    const rows = [...this.goneSince(id), ...this.#newest.all(id + 1, Number.MAX_SAFE_INTEGER, 1)];
    return newestOf(rows.filter(({ type }) => type === 'alarm'));
  }

  /** Those behind an id whose rows are deleted. */
  goneSince(id: number): ToldRow[] {
    return this.#remembered().filter((row) => row.id > id);
  }

  #remembered(): ToldRow[] {
    return JSON.parse(this.#meta.get(GONE_RECORDS) ?? '[]') as ToldRow[];
  }
}

function newestOf(rows: readonly ToldRow[]): ToldRow[] {
  const newest = new Map<string, ToldRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.type, row.pipeline, row.asset, row.alarm]);
    if ((newest.get(key)?.id ?? 0) <= row.id) newest.set(key, row);
  }
  return [...newest.values()].sort((a, b) => a.id - b.id);
}

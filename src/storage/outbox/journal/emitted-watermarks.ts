import type { Statement, Store } from '../../../common/store/index.ts';
import type { OutboxState } from './outbox-state.ts';

/** The event time up to which predictions, or changes of alarms, of an asset are committed. */
export interface EmittedWatermark {
  readonly pipeline: string;
  readonly type: 'prediction' | 'alarm';
  readonly asset: string;
  readonly until: number;
  /** Number of records that have just that time. */
  readonly ties: number;
}

/** Rows that are looked at, half a second's work, so that a start does not depend on how much is queued. */
const MAX_ROWS = 200_000;

/**
 * Rows that count are valid JSON, which a damaged one need not be, and no operator's answers to alarms, which rest on
 * no window. The newest row is the one that was emitted last: a greater time before it is of a clock that was set back
 * since.
 */
const SELECT = `
  WITH told AS MATERIALIZED (
    SELECT id, pipeline, type, json_extract(body, '$.asset') AS asset, t FROM record JOIN ledger USING (kind)
    WHERE id > ? AND type IN ('prediction', 'alarm') AND CASE WHEN json_valid(body)
      THEN coalesce(json_extract(body, '$.state') IN ('raised', 'cleared'), true) ELSE false END
  ),
  newest AS (SELECT pipeline, type, asset, t, max(id) FROM told GROUP BY 1, 2, 3)
  SELECT pipeline, type, asset, t AS until, count(*) AS ties FROM newest JOIN told USING (pipeline, type, asset, t)
  GROUP BY 1, 2, 3`;

/** Reads what was emitted and committed behind a place, so that who resumes there does not emit it again. */
export class EmittedWatermarks {
  readonly #state: OutboxState;
  readonly #newest: Statement<[number], EmittedWatermark>;

  constructor(store: Store, state: OutboxState) {
    this.#state = state;
    this.#newest = store.prepare<[number], EmittedWatermark>(SELECT);
  }

  /** Watermarks of the records after a seq of a boot, or of all records where the boot is unknown here. */
  since(boot: string, seq: number): EmittedWatermark[] {
    const { boots, records } = this.#state;
    const firstId = boots.firstIdOf(boot);
    const after = Math.max(firstId === undefined ? 0 : firstId + seq - 1, records.newestId - MAX_ROWS);
    return this.#newest.all(after);
  }
}

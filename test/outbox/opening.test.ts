import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore, type RowForm, type Statement } from '../../src/common/store/index.ts';
import { OutboxCore } from '../../src/storage/outbox/index.ts';
import { MIGRATIONS } from '../../src/storage/outbox/journal/rows/tables.ts';
import { commitAll, entries, entry, NO_LIMITS, NOW, openCore, optionsFor, temporaryFolder } from './support/outbox.ts';

/** Opens, runs `work`, and returns the SQL of every statement that was run in between. */
function statementsOf(path: string, work: (core: OutboxCore) => void): { sql: string[]; rows: number } {
  const store = openStore(join(path, 'telemetry.db'), { migrations: MIGRATIONS });
  const seen = { sql: [] as string[], rows: 0 };
  const prepare = store.prepare.bind(store);
  store.prepare = <P extends unknown[], R>(sql: string, form?: RowForm): Statement<P, R> => {
    const statement = prepare<P, R>(sql, form);
    const note = <T>(result: T, rows: number): T => {
      seen.sql.push(sql);
      seen.rows += rows;
      return result;
    };
    return {
      run: (...parameters) => note(statement.run(...parameters), 0),
      get: (...parameters) => note(statement.get(...parameters), 1),
      all: (...parameters) => {
        const rows = statement.all(...parameters);
        return note(rows, rows.length);
      },
    };
  };
  const core = OutboxCore.begin({ options: optionsFor(path), store, lock: { release: () => {} }, ports: {} }, NOW);
  work(core);
  store.prepare = prepare;
  const scans = seen.sql.filter((sql) => {
    const plan = prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll('?', '1')}`).all();
    // A scan that stops at its first rows is none.
    return plan.some(({ detail }) => /^SCAN (record|urgent)\b/.test(detail)) && !/LIMIT/.test(sql);
  });
  core.abandon();
  expect(scans).toEqual([]);
  return seen;
}

function queue(path: string, count: number): void {
  const core = openCore({ path });
  core.append(entries(0, count));
  core.append([entry(count, { urgent: true })]);
  commitAll(core);
  core.abandon();
}

describe('opening', () => {
  it('runs the same statements and reads as many rows, however much is queued, and scans no queue', () => {
    const [small, large] = [temporaryFolder(), temporaryFolder()];
    queue(small, 10);
    queue(large, 20_000);
    const nothing = () => {};
    expect(statementsOf(large, nothing)).toEqual(statementsOf(small, nothing));
  });

  it('goes on to the first batch and the first status without a scan', () => {
    const path = temporaryFolder();
    queue(path, 20_000);
    const { rows } = statementsOf(path, (core) => {
      core.append([entry(1)]);
      core.commit(NOW);
      expect(core.claim('backlog', NO_LIMITS)?.records).toBe(NO_LIMITS.maxRecords);
      core.claim('urgent', NO_LIMITS);
      core.stats(NOW);
      core.maintain(NOW);
    });
    expect(rows).toBeLessThan(100);
  });
});

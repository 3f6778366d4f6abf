import type { Statement, Store } from '../../../../common/store/index.ts';
import { CLOCK_TRUSTED, URGENT } from './tables.ts';

/** Key of `meta`: an id that was given, where its row may be gone. */
const NEWEST = 'newest-id';

/** Columns of a row: id, kind, t, flags, body, crc. */
export const COLUMNS = 6;
const BACKLOG = `id BETWEEN ? AND ? AND flags & ${URGENT} = 0`;
/** Selects rows by id. Argument: the ids as a JSON array. */
export const BY_ID = 'id IN (SELECT value FROM json_each(?))';

/** Selects rows that do not fit their checksum. Arguments: seed of the boot, id before its first record. */
const DAMAGED = 'crc IS NOT NULL AND crc IS NOT record_checksum(?, id - ?, kind, t, flags, body)';

type MeasureRow = [number, number, number, number, number, string];

function measureSql(where: string): string {
  return `SELECT count(*), max(id), sum(octet_length(body)), min(t), max(t), group_concat(char(kind), '')
          FROM record WHERE ${where}`;
}

/** A record's text with its place in the boot. Argument: id before the boot's first record. */
export const recordSql = `'{"seq":' || (id - CAST(? AS INTEGER)) || iif(flags & ${CLOCK_TRUSTED}, ',"clock":true,', ',"clock":false,') || substr(body, 2)`;

/** Seals a batch as one blob, so that it never exists as separate strings. `source` gives its rows in order of id. */
function sealSql(source: string): string {
  return `SELECT CAST(? || group_concat(${recordSql}) || ']}' AS BLOB) FROM ${source}`;
}

/** Prepares the insert of so many rows. Its argument is their columns, one row after the other. */
export function prepareInsert(store: Store, rows: number): Statement<[unknown[]]> {
  const row = '(?, ?, ?, ?, ?, ?)';
  return store.prepare(`INSERT INTO record (id, kind, t, flags, body, crc) VALUES ${Array(rows).fill(row).join(', ')}`);
}

/** Prepared statements of the table of records. */
export function prepareRecords(store: Store) {
  type Pair = [number, number];
  type Damage = [number, number, number];
  return {
    newest: store.prepare<[], number>(
      `SELECT max(coalesce((SELECT max(id) FROM record), 0), coalesce((SELECT value FROM meta WHERE key = '${NEWEST}'), 0))`,
      'value',
    ),
    raise: store.prepare<[number]>(
      `INSERT INTO meta (key, value) VALUES ('${NEWEST}', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    ),
    backlogKinds: store.prepare<Pair, [number, number]>(
      `SELECT kind, count(*) FROM record WHERE ${BACKLOG} GROUP BY kind`,
      'array',
    ),
    oldest: store.prepare<[], number>('SELECT id FROM record ORDER BY id LIMIT 1', 'value'),
    timeOf: store.prepare<[number], number>('SELECT t FROM record WHERE id = ?', 'value'),
    rewrite: store.prepare<[number, string, number, number, number, string, number]>(
      'UPDATE record SET t = ?, body = ?, crc = record_checksum(?, id - ?, kind, ?, flags, ?) WHERE id = ?',
    ),
    damagedRange: store.prepare<[number, number, number, number], Damage>(
      `SELECT id, kind, t FROM record WHERE ${DAMAGED} AND ${BACKLOG}`,
      'array',
    ),
    damagedWithin: store.prepare<[number, number, number, number], Damage>(
      `SELECT id, kind, t FROM record WHERE ${DAMAGED} AND id BETWEEN ? AND ?`,
      'array',
    ),
    damagedIds: store.prepare<[number, number, string], Damage>(
      `SELECT id, kind, t FROM record WHERE ${DAMAGED} AND ${BY_ID}`,
      'array',
    ),
    absentIds: store.prepare<[string], Damage>(
      'SELECT value, 0, NULL FROM json_each(?) WHERE value NOT IN (SELECT id FROM record)',
      'array',
    ),
    firstFrom: store.prepare<Pair, number>(
      'SELECT id FROM record WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1',
      'value',
    ),
    sizes: store.prepare<[number, number, number], Pair>(
      'SELECT id, octet_length(body) FROM record WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?',
      'array',
    ),
    rows: store.prepare<Pair, [number, number, number, number, string, number | null]>(
      'SELECT id, kind, t, flags, body, crc FROM record WHERE id BETWEEN ? AND ? ORDER BY id',
      'array',
    ),
    firstBacklog: store.prepare<Pair, number>(`SELECT id FROM record WHERE ${BACKLOG} ORDER BY id LIMIT 1`, 'value'),
    countBacklog: store.prepare<Pair, number>(`SELECT count(*) FROM record WHERE ${BACKLOG}`, 'value'),
    count: store.prepare<Pair, number>('SELECT count(*) FROM record WHERE id BETWEEN ? AND ?', 'value'),
    idsWithin: store.prepare<[number, number, number], number>(
      'SELECT id FROM record WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?',
      'value',
    ),
    measureRange: store.prepare<Pair, MeasureRow>(measureSql(BACKLOG), 'array'),
    measureIds: store.prepare<[string], MeasureRow>(measureSql(BY_ID), 'array'),
    sealRange: store.prepare<[string, number, number, number], Buffer>(sealSql(`record WHERE ${BACKLOG}`), 'value'),
    sealIds: store.prepare<[string, number, string], Buffer>(
      sealSql(`(SELECT id, flags, body FROM record WHERE ${BY_ID} ORDER BY id)`),
      'value',
    ),
    dropBacklog: store.prepare<Pair>(`DELETE FROM record WHERE ${BACKLOG}`),
    dropIds: store.prepare<[string]>(`DELETE FROM record WHERE ${BY_ID}`),
    deleteRange: store.prepare<Pair>('DELETE FROM record WHERE id BETWEEN ? AND ?'),
  };
}

import type { RecordType } from '../../../common/core/index.ts';
import { openStore, type Statement, type Store } from '../../../common/store/index.ts';
import type { NotedBoot } from '../journal/commit-note.ts';
import { bootSeed, recordChecksum, rowChecksum } from '../journal/rows/checksum.ts';
import type { SourcePosition } from '../journal/rows/entry.ts';
import type { IdRange } from '../journal/rows/id-ranges.ts';
import type { KindRow } from '../journal/rows/ledger.ts';
import type { KeptRow } from '../journal/rows/records.ts';
import { URGENT } from '../journal/rows/tables.ts';
import { replaceFirstPage } from './first-page.ts';

/** A stretch of a damaged file: the rows that fit their checksum, up to and including the id `reached`. */
export interface Stretch {
  readonly rows: readonly KeptRow[];
  readonly reached: number;
}

type Cell = string | number | null;

/** Newest rows that are looked at, some pages full: the very newest may be the damaged one. */
const NEWEST_ROWS = 100;
/** Shares of the rows that are read at a time, ever fewer, to come as close to a damaged page as can be. */
const APPROACH = [1, 1 / 8, 1 / 64] as const;

/**
 * Reads what can still be read of a damaged telemetry.db. What cannot is left out, and nothing here throws because of
 * it.
 */
export class DamagedFile {
  readonly boots: readonly NotedBoot[];
  readonly #store: Store;
  readonly #select: Statement<[number, number, number], Cell[]>;

  constructor(store: Store, boots: readonly NotedBoot[]) {
    this.#store = store;
    this.boots = boots;
    this.#select = store.prepare<[number, number, number], Cell[]>(
      'SELECT * FROM record WHERE id > ? AND id <= ? ORDER BY id LIMIT ?',
      'array',
    );
  }

  /**
   * Opens the file. Undefined where nothing can be read, not even with the first page of a fresh file. `known` are
   * boots that its own table may lack.
   */
  static open(path: string, nativeBinding: string | undefined, known: readonly NotedBoot[]): DamagedFile | undefined {
    const open = () => DamagedFile.#openAsItStands(path, nativeBinding, known);
    return open() ?? attempt(() => replaceFirstPage(path, nativeBinding) ?? open());
  }

  static #openAsItStands(
    path: string,
    nativeBinding: string | undefined,
    known: readonly NotedBoot[],
  ): DamagedFile | undefined {
    const store = attempt(() => openStore(path, { migrations: [], nativeBinding, asItStands: true }));
    if (store === undefined) return undefined;
    const boots = mergeBoots(rowsOf(store, 'boot', 3).map(bootOf), known);
    const file = attempt(() => new DamagedFile(store, boots));
    if (file === undefined) store.close();
    return file;
  }

  /** The ledger; undefined where a row is missing or does not fit its checksum. */
  ledger(): KindRow[] | undefined {
    const rows = rowsOf(this.#store, 'ledger', 10).map(ledgerRowOf);
    const complete = rows.length > 0 && rows.every(({ kind }, index) => kind === index + 1);
    return complete ? rows : undefined;
  }

  settled(): IdRange[] {
    return rowsOf(this.#store, 'settled', 3).map(([first, last, value]) => ({
      first: Number(first),
      last: Number(last),
      value: Number(value),
    }));
  }

  positions(): SourcePosition[] {
    return rowsOf(this.#store, 'mark', 2).map(([source, position]) => ({
      source: String(source),
      position: String(position),
    }));
  }

  /** Ids of urgent records that wait; undefined where the list cannot be read. */
  urgentIds(): number[] | undefined {
    return attempt(() => this.#store.prepare<[], number>('SELECT id FROM urgent ORDER BY id', 'value').all());
  }

  /** Newest id of the rows that can be read; 0 where none can. */
  newestId(): number {
    const sql = `SELECT * FROM record ORDER BY id DESC LIMIT ${NEWEST_ROWS}`;
    const newest = attempt(() => this.#store.prepare<[], Cell[]>(sql, 'array').all()) ?? [];
    return Math.max(0, ...newest.map((cells) => this.#keep(cells)?.id ?? 0));
  }

  /** Reads the next rows after an id, at most so many, in order. */
  read(after: number, upTo: number, limit: number): Stretch {
    for (const share of APPROACH) {
      const count = Math.max(1, Math.floor(limit * share));
      const cells = attempt(() => this.#select.all(after, upTo, count));
      if (cells === undefined) continue;
      const rows = this.#inOrder(cells, after);
      const last = rows.at(-1);
      if (cells.length < count) return { rows, reached: upTo };
      if (last !== undefined) return { rows, reached: last.id };
    }
    const next = this.#nextReadable(after, upTo);
    return { rows: [], reached: next === undefined ? upTo : next - 1 };
  }

  close(): void {
    this.#store.close();
  }

  /** The first id behind a damaged place. Leaps until something can be read, then goes back to where that begins. */
  #nextReadable(after: number, upTo: number): number | undefined {
    let bad = after + 1;
    let step = 1;
    let good: number | undefined;
    while (good === undefined && after + step < upTo) {
      good = this.#probe(after + step, upTo);
      if (good === undefined) bad = after + step;
      step *= 2;
    }
    while (good !== undefined && good - bad > 1) {
      const middle = Math.floor((bad + good) / 2);
      const found = this.#probe(middle, upTo);
      if (found === undefined) bad = middle;
      else if (found < good) good = found;
      else return good;
    }
    return good;
  }

  /** The id of the first row after `after`, if it can be read. */
  #probe(after: number, upTo: number): number | undefined {
    const [cells] = attempt(() => this.#select.all(after, upTo, 1)) ?? [];
    return cells && this.#keep(cells)?.id;
  }

  #inOrder(cells: readonly Cell[][], after: number): KeptRow[] {
    const rows: KeptRow[] = [];
    let previous = after;
    for (const cell of cells) {
      const row = this.#keep(cell);
      if (row === undefined || row.id <= previous) continue;
      rows.push(row);
      previous = row.id;
    }
    return rows;
  }

  /** The row, where it fits its checksum, or was written before there were checksums and looks like a record. */
  #keep([id, kind, t, flags, body, crc = null]: Cell[]): KeptRow | undefined {
    if (typeof id !== 'number' || typeof kind !== 'number' || typeof t !== 'number' || typeof flags !== 'number') {
      return undefined;
    }
    const boot = bootOfId(this.boots, id);
    if (boot === undefined || typeof body !== 'string' || !body.startsWith('{')) return undefined;
    if (crc === null) return { id, kind, t, flags, body, crc };
    const expected = recordChecksum(bootSeed(boot.id), id - boot.firstId + 1, kind, t, flags, body);
    return typeof crc === 'number' && crc === expected ? { id, kind, t, flags, body, crc } : undefined;
  }
}

/** Whether a row waits, by the lists of its own file. Without the list of urgent ones, all of those wait. */
export function isWaiting(
  row: KeptRow,
  settledAt: number | undefined,
  urgent: ReadonlySet<number> | undefined,
): boolean {
  return (row.flags & URGENT) === 0 ? settledAt === undefined : (urgent?.has(row.id) ?? true);
}

/** Rows of a small table that fit their checksum, without the column of checksums. */
function rowsOf(store: Store, table: string, columns: number): Cell[][] {
  const rows = attempt(() => store.prepare<[], Cell[]>(`SELECT * FROM ${table}`, 'array').all()) ?? [];
  return rows.flatMap((cells) => {
    const own = cells.slice(0, columns);
    const crc = cells[columns] ?? null;
    const known = own.filter((cell) => cell !== null);
    const intact = known.length === columns && (crc === null || crc === rowChecksum(table, ...known));
    return intact ? [own] : [];
  });
}

/** The boot of a record: the last one that began by its id. */
export function bootOfId(boots: readonly NotedBoot[], id: number): NotedBoot | undefined {
  return boots.findLast(({ firstId }) => firstId <= id);
}

/** Merges two lists of boots, in order. Boots with one first id are the same. */
function mergeBoots(own: readonly NotedBoot[], other: readonly NotedBoot[]): NotedBoot[] {
  const known = new Set(own.map(({ firstId }) => firstId));
  return [...own, ...other.filter(({ firstId }) => !known.has(firstId))].sort((a, b) => a.firstId - b.firstId);
}

function bootOf([firstId, id, ended]: Cell[]): NotedBoot {
  return { firstId: Number(firstId), id: String(id), ended: ended === 1 };
}

function ledgerRowOf(cells: Cell[]): KindRow {
  const [kind = 0, committed = 0, acked = 0, pending = 0, dead = 0, folded = 0, dropped = 0, unreadable = 0] = [
    cells[0],
    ...cells.slice(3),
  ].map(Number);
  const [, pipeline, type] = cells;
  const states = { committed, acked, pending, dead, folded, dropped, unreadable };
  return { kind, pipeline: String(pipeline), type: String(type) as RecordType, ...states };
}

/** Runs `work`; undefined where it throws. Whatever a damaged file throws says that it is damaged. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

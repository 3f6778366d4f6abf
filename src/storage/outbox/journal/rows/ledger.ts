import type { RecordType } from '../../../../common/core/index.ts';
import type { Statement, Store } from '../../../../common/store/index.ts';
import { checkRow, rowChecksum } from './checksum.ts';

/** What became of a committed record. */
export const STATES = ['acked', 'pending', 'dead', 'folded', 'dropped', 'unreadable'] as const;
/** State of a committed record in the ledger. */
export type LedgerState = (typeof STATES)[number];

/** Counts of one pipeline and type, cumulative over boots. `committed` is the sum of the states. */
export interface LedgerRow extends Readonly<Record<LedgerState, number>> {
  readonly pipeline: string;
  readonly type: RecordType;
  readonly committed: number;
}

/** How many records of each kind. */
export type KindCounts = ReadonlyMap<number, number>;

/** A row with the number that stands for it in `record.kind`. */
export type KindRow = LedgerRow & { readonly kind: number };

type Row = { -readonly [K in keyof LedgerRow]: LedgerRow[K] } & { kind: number };
type Columns = [number, string, RecordType, number, number, number, number, number, number, number];

/**
 * The table `ledger`: counts per pipeline and type. Changes stay in memory until `save`, which belongs into the
 * transaction that makes them true; after a rollback `load` puts the counts back.
 */
export class Ledger {
  readonly #path: string;
  readonly #select: Statement<[], [number | null, ...Columns]>;
  readonly #write: Statement<[[...Columns, number]]>;
  #rows = new Map<number, Row>();
  #kinds = new Map<string, number>();
  #changed = new Set<Row>();

  constructor(store: Store) {
    this.#path = store.path;
    const columns = ['kind', 'pipeline', 'type', 'committed', ...STATES].join(', ');
    this.#select = store.prepare<[], [number | null, ...Columns]>(
      `SELECT crc, ${columns} FROM ledger ORDER BY kind`,
      'array',
    );
    this.#write = store.prepare<[[...Columns, number]]>(
      `INSERT INTO ledger (${columns}, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (kind) DO UPDATE SET
         committed = excluded.committed, crc = excluded.crc, ${STATES.map((state) => `${state} = excluded.${state}`).join(', ')}`,
    );
  }

  load(): void {
    this.#rows = new Map();
    this.#kinds = new Map();
    this.#changed = new Set();
    for (const [crc, ...columns] of this.#select.all()) {
      checkRow(this.#path, 'ledger', columns, crc);
      const [kind, pipeline, type, committed, acked, pending, dead, folded, dropped, unreadable] = columns;
      this.#rows.set(kind, { kind, pipeline, type, committed, acked, pending, dead, folded, dropped, unreadable });
      this.#kinds.set(keyOf(pipeline, type), kind);
    }
  }

  /** The number that stands for this pipeline and type in `record.kind`. */
  kindOf(pipeline: string, type: RecordType): number {
    const key = keyOf(pipeline, type);
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const kind = Math.max(0, ...this.#rows.keys()) + 1;
    const none = { committed: 0, acked: 0, pending: 0, dead: 0, folded: 0, dropped: 0, unreadable: 0 };
    const row: Row = { kind, pipeline, type, ...none };
    this.#rows.set(kind, row);
    this.#kinds.set(key, kind);
    this.#changed.add(row);
    return kind;
  }

  /** The kind of this pipeline and type; undefined where there has been no such record. */
  knownKind(pipeline: string, type: RecordType): number | undefined {
    return this.#kinds.get(keyOf(pipeline, type));
  }

  commit(kind: number, count: number): void {
    const row = this.row(kind);
    row.committed += count;
    row.pending += count;
    this.#changed.add(row);
  }

  /** Moves records from pending to another state. */
  settle(counts: KindCounts, to: Exclude<LedgerState, 'pending'>): void {
    for (const [kind, count] of counts) {
      // The kind in a damaged row may be one that does not exist.
      const row = this.#rows.get(kind) ?? this.row(this.kindOfDamaged(kind));
      row.pending -= count;
      row[to] += count;
      this.#changed.add(row);
    }
  }

  has(kind: number): boolean {
    return this.#rows.has(kind);
  }

  /** Takes over the ledger of another file in place of its own. */
  restore(rows: readonly KindRow[]): void {
    for (const row of rows) {
      const own = { ...row };
      this.#rows.set(row.kind, own);
      this.#kinds.set(keyOf(row.pipeline, row.type), row.kind);
      this.#changed.add(own);
    }
  }

  /** How many of each kind are pending. */
  waiting(): Map<number, number> {
    return new Map(Array.from(this.#rows.values(), ({ kind, pending }) => [kind, pending]));
  }

  /**
   * Makes the ledger agree with what waits: what is missing becomes unreadable, and what is there again is taken out of
   * the state that it had. Returns how many of each kind are missing.
   */
  correct(waiting: KindCounts): Map<number, number> {
    const lost = new Map<number, number>();
    for (const row of this.#rows.values()) {
      const missing = row.pending - (waiting.get(row.kind) ?? 0);
      if (missing === 0) continue;
      row.pending -= missing;
      this.#changed.add(row);
      if (missing > 0) {
        row.unreadable += missing;
        lost.set(row.kind, missing);
      } else takeBack(row, -missing);
    }
    return lost;
  }

  /**
   * The kind that a damaged row is counted as: the one that it names, or, where none of that kind waits, the one that
   * waits most.
   */
  kindOfDamaged(kind: number): number {
    const waiting = Array.from(this.#rows.values()).filter(({ pending }) => pending > 0);
    const own = waiting.find((row) => row.kind === kind);
    return own?.kind ?? waiting.reduce((most, row) => (row.pending > most.pending ? row : most)).kind;
  }

  save(): void {
    for (const row of this.#changed) {
      const { kind, pipeline, type, committed, acked, pending, dead, folded, dropped, unreadable } = row;
      const columns: Columns = [kind, pipeline, type, committed, acked, pending, dead, folded, dropped, unreadable];
      this.#write.run([...columns, rowChecksum('ledger', ...columns)]);
    }
    this.#changed.clear();
  }

  row(kind: number): Row {
    const row = this.#rows.get(kind);
    if (row === undefined) throw new RangeError(`no kind ${kind} in the ledger`);
    return row;
  }

  /** Copies of the rows, with their kinds. */
  kindRows(): KindRow[] {
    return Array.from(this.#rows.values(), (row) => ({ ...row }));
  }

  /** Copies of the rows, in the order in which the kinds first appeared. */
  list(): LedgerRow[] {
    return Array.from(this.#rows.values(), ({ kind: _, ...row }) => row);
  }

  get pending(): number {
    let sum = 0;
    for (const row of this.#rows.values()) sum += row.pending;
    return sum;
  }
}

/** Makes so many more pending. They come from the states that are most likely to have been wrong. */
function takeBack(row: Row, count: number): void {
  let left = count;
  for (const state of ['unreadable', 'acked', 'folded', 'dropped', 'dead'] as const) {
    const some = Math.min(left, row[state]);
    row[state] -= some;
    left -= some;
  }
  row.committed += left;
}

function keyOf(pipeline: string, type: RecordType): string {
  return `${type} ${pipeline}`;
}

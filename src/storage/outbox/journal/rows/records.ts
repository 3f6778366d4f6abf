import type { Moment } from '../../../../common/core/index.ts';
import type { Statement, Store } from '../../../../common/store/index.ts';
import type { Boot, Boots } from './boots.ts';
import { recordChecksum } from './checksum.ts';
import type { EntryGroup } from './entry.ts';
import type { IdRanges } from './id-ranges.ts';
import type { KindCounts } from './ledger.ts';
import { COLUMNS, prepareInsert, prepareRecords } from './record-statements.ts';
import { CLOCK_TRUSTED, URGENT } from './tables.ts';
import { Urgent } from './urgent.ts';

/** Waiting records of one lane: the backlog rows of [first, last], or the urgent rows in `ids`, newest first. */
export interface Selection {
  readonly first: number;
  readonly last: number;
  readonly ids?: readonly number[];
}

/** Number, bytes, event times and kinds of some records. */
export interface Measure {
  readonly records: number;
  readonly last: number;
  /** Bytes of the bodies. */
  readonly bytes: number;
  /** Event times. */
  readonly from: number;
  readonly to: number;
  readonly counts: KindCounts;
}

/** A waiting record that does not fit its checksum, with what its row says of itself. */
export interface DamagedRow {
  readonly id: number;
  readonly kind: number;
  readonly t: number;
}

/** A record as it stands in a file. */
export interface KeptRow {
  readonly id: number;
  readonly kind: number;
  readonly t: number;
  readonly flags: number;
  readonly body: string;
  readonly crc: number | null;
}

/** Rows in one insert. Calls into SQLite are its main cost; more rows than these save nothing. */
const BLOCK_ROWS = 8;

/** The table `record`, with the list of urgent records that wait. */
export class Records {
  /** Id of the newest record; its row is never deleted, or `meta` has it, so that ids are never used twice. */
  newestId = 0;
  readonly urgent: Urgent;
  readonly #boots: Boots;
  readonly #insertOne: Statement<[unknown[]]>;
  readonly #insertBlock: Statement<[unknown[]]>;
  readonly #statements: ReturnType<typeof prepareRecords>;
  readonly #block: unknown[] = new Array(BLOCK_ROWS * COLUMNS);
  readonly #single: unknown[] = new Array(COLUMNS);

  constructor(store: Store, boots: Boots) {
    this.#boots = boots;
    store.define('record_checksum', recordChecksum);
    this.#insertOne = prepareInsert(store, 1);
    this.#insertBlock = prepareInsert(store, BLOCK_ROWS);
    this.urgent = new Urgent(store);
    this.#statements = prepareRecords(store);
  }

  load(): void {
    this.newestId = this.#statements.newest.get() ?? 0;
  }

  /** Appends entries [from, to); `kinds` translates the group's kinds. */
  insert(group: EntryGroup, from: number, to: number, kinds: readonly number[]): void {
    let index = from;
    const boot = this.#boots.current;
    for (; index + BLOCK_ROWS <= to; index += BLOCK_ROWS) {
      for (let row = 0; row < BLOCK_ROWS; row += 1) {
        this.#fill(this.#block, row * COLUMNS, boot, group, index + row, kinds);
      }
      this.#insertBlock.run(this.#block);
    }
    for (; index < to; index += 1) {
      this.#fill(this.#single, 0, boot, group, index, kinds);
      this.#insertOne.run(this.#single);
    }
    for (index = from; index < to; index += 1) {
      if (((group.meta[index] ?? 0) & URGENT) !== 0) this.urgent.add(this.newestId - (to - 1 - index));
    }
  }

  /** Appends an urgent record of the outbox's own. */
  add(kind: number, { at, trusted }: Moment, body: string): number {
    this.#addRow(kind, at, URGENT | (trusted ? CLOCK_TRUSTED : 0), body);
    this.urgent.add(this.newestId);
    return this.newestId;
  }

  /** Gives no id up to this one any more: another file has given them. */
  raise(id: number): void {
    if (id <= this.newestId) return;
    this.newestId = id;
    this.#statements.raise.run(id);
  }

  /** Adds a waiting row of another file, under its id. */
  keep({ id, kind, t, flags, body, crc }: KeptRow): void {
    this.#insertOne.run([id, kind, t, flags, body, crc]);
    if ((flags & URGENT) !== 0) this.urgent.add(id);
  }

  /** Counts the waiting rows of each kind by looking at all rows. */
  countWaiting(settled: IdRanges): Map<number, number> {
    const counts = new Map<number, number>();
    const add = (rows: readonly (readonly [kind: number, count: number])[]) => {
      for (const [kind, count] of rows) counts.set(kind, (counts.get(kind) ?? 0) + count);
    };
    add(this.urgent.countKinds());
    for (const { first, last } of settled.gaps(1, this.newestId)) {
      add(this.#statements.backlogKinds.all(first, last));
    }
    return counts;
  }

  /** Appends a record of the outbox's own to the backlog. */
  addToBacklog(kind: number, { at, trusted }: Moment, body: string): number {
    this.#addRow(kind, at, trusted ? CLOCK_TRUSTED : 0, body);
    return this.newestId;
  }

  rewrite(id: number, t: number, body: string): void {
    const { firstId, seed } = this.#boots.of(id, this.newestId).boot;
    this.#statements.rewrite.run(t, body, seed, firstId - 1, t, body, id);
  }

  timeOf(id: number): number | undefined {
    return this.#statements.timeOf.get(id);
  }

  oldestId(): number | undefined {
    return this.#statements.oldest.get();
  }

  /** The lowest row within [from, to], urgent or not. */
  firstFrom(from: number, to: number): number | undefined {
    return this.#statements.firstFrom.get(from, to);
  }

  /** The lowest rows of [first, last], as many as `maxBytes` allow, and at least one. */
  piece(first: number, last: number, maxRows: number, maxBytes: number): KeptRow[] {
    let bytes = 0;
    let end = first;
    for (const [id, size] of this.#statements.sizes.all(first, last, maxRows)) {
      bytes += size;
      if (bytes > maxBytes && id > first) break;
      end = id;
    }
    const rows = this.#statements.rows.all(first, end);
    return rows.map(([id, kind, t, flags, body, crc]) => ({ id, kind, t, flags, body, crc }));
  }

  remove(ids: readonly number[]): void {
    this.#statements.dropIds.run(JSON.stringify(ids));
  }

  /** Deletes the rows from `first` to `last` and writes `kept` anew, under their ids. */
  replace(first: number, last: number, kept: readonly KeptRow[]): void {
    this.#statements.deleteRange.run(first, last);
    for (const { id, kind, t, flags, body, crc } of kept) this.#insertOne.run([id, kind, t, flags, body, crc]);
  }

  /** The lowest backlog row within [from, to]. */
  firstBacklog(from: number, to: number): number | undefined {
    return this.#statements.firstBacklog.get(from, to);
  }

  /** Counts the backlog rows within [from, to], settled or not. */
  countBacklog(from: number, to: number): number {
    return this.#statements.countBacklog.get(from, to) ?? 0;
  }

  /** Counts the rows within [from, to], whatever became of them. */
  count(from: number, to: number): number {
    return this.#statements.count.get(from, to) ?? 0;
  }

  /** Ids of rows within [from, to], whatever became of them, oldest first. */
  idsWithin(from: number, to: number, limit: number): number[] {
    return this.#statements.idsWithin.all(from, to, limit);
  }

  measure({ first, last, ids }: Selection): Measure {
    const { measureRange, measureIds } = this.#statements;
    const row = ids === undefined ? measureRange.get(first, last) : measureIds.get(JSON.stringify(ids));
    const [records, lastId, bytes, from, to, kinds] = row ?? [0, 0, 0, 0, 0, ''];
    return { records, last: lastId ?? first, bytes: bytes ?? 0, from, to, counts: countChars(kinds ?? '') };
  }

  /** Rows of the selection that do not fit their checksum, and listed ones that are not there. All are of one boot. */
  damaged({ first, last, ids }: Selection, { firstId, seed }: Boot): DamagedRow[] {
    const { damagedRange, damagedIds, absentIds } = this.#statements;
    const list = JSON.stringify(ids);
    const rows =
      ids === undefined
        ? damagedRange.all(seed, firstId - 1, first, last)
        : [...damagedIds.all(seed, firstId - 1, list), ...absentIds.all(list)];
    return rows.map(([id, kind, t]) => ({ id, kind, t }));
  }

  /** Rows of one boot within [first, last], urgent or not, that do not fit their checksum. */
  damagedWithin(first: number, last: number, { firstId, seed }: Boot): DamagedRow[] {
    const rows = this.#statements.damagedWithin.all(seed, firstId - 1, first, last);
    return rows.map(([id, kind, t]) => ({ id, kind, t }));
  }

  /** The batch as JSON: `head`, the records with seq counted from `base` on, and the closing brackets. */
  seal({ first, last, ids }: Selection, head: string, base: number): Buffer {
    const { sealRange, sealIds } = this.#statements;
    const payload =
      ids === undefined ? sealRange.get(head, base, first, last) : sealIds.get(head, base, JSON.stringify(ids));
    return payload ?? Buffer.alloc(0);
  }

  dropBacklog(first: number, last: number): void {
    this.#statements.dropBacklog.run(first, last);
  }

  dropUrgent(ids: readonly number[]): void {
    this.urgent.remove(ids);
    this.#statements.dropIds.run(JSON.stringify(ids));
  }

  /** Deletes the rows of [first, last], except urgent ones that wait. */
  deleteSettled(first: number, last: number): void {
    let from = first;
    for (const id of this.urgent.within(first, last)) {
      if (id > from) this.#statements.deleteRange.run(from, id - 1);
      from = id + 1;
    }
    if (from <= last) this.#statements.deleteRange.run(from, last);
  }

  #addRow(kind: number, t: number, flags: number, body: string): void {
    this.newestId += 1;
    const { firstId, seed } = this.#boots.current;
    const crc = recordChecksum(seed, this.newestId - firstId + 1, kind, t, flags, body);
    this.#insertOne.run([this.newestId, kind, t, flags, body, crc]);
  }

  #fill(
    target: unknown[],
    at: number,
    { firstId, seed }: Boot,
    group: EntryGroup,
    index: number,
    kinds: readonly number[],
  ): void {
    const meta = group.meta[index] ?? 0;
    const kind = kinds[meta >>> 2] ?? 0;
    const t = group.t[index] ?? 0;
    const flags = meta & (URGENT | CLOCK_TRUSTED);
    const body = group.bodies[index];
    this.newestId += 1;
    target[at] = this.newestId;
    target[at + 1] = kind;
    target[at + 2] = t;
    target[at + 3] = flags;
    target[at + 4] = body;
    target[at + 5] = recordChecksum(seed, this.newestId - firstId + 1, kind, t, flags, body);
  }
}

function countChars(kinds: string): Map<number, number> {
  const counts = new Map<number, number>();
  let run = 0;
  for (let index = 0; index < kinds.length; index += 1) {
    run += 1;
    const kind = kinds.charCodeAt(index);
    // Records of one kind mostly follow one another, so each run costs one update of the map.
    if (kinds.charCodeAt(index + 1) === kind) continue;
    counts.set(kind, (counts.get(kind) ?? 0) + run);
    run = 0;
  }
  return counts;
}

/** Selects the newest `count` of these ids, which are in descending order and at least one. */
export function newestOf(ids: readonly number[], count: number): Selection {
  const some = ids.slice(0, count);
  return { first: some.at(-1) ?? 0, last: some[0] ?? 0, ids: some };
}

import { basename } from 'node:path';
import type { Moment } from '../../../common/core/index.ts';
import { removeStore, type Statement, type Store, storeBytes } from '../../../common/store/index.ts';
import type { NotedBoot, NotedState } from '../journal/commit-note.ts';
import { NO_PIPELINE } from '../journal/losses/losses.ts';
import type { OutboxState } from '../journal/outbox-state.ts';
import { bootSeed, recordChecksum } from '../journal/rows/checksum.ts';
import { IdRanges } from '../journal/rows/id-ranges.ts';
import type { KindCounts, Ledger } from '../journal/rows/ledger.ts';
import type { KeptRow } from '../journal/rows/records.ts';
import type { SourcePositions } from '../journal/rows/source-positions.ts';
import { bootOfId, DamagedFile, isWaiting, type Stretch } from './damaged-file.ts';
import { reconcileLedger } from './reconcile-ledger.ts';

/** Key of `meta`: the agenda; absent where there is nothing left to do. */
const KEY = 'recovery';
/** Rows in one transaction of some milliseconds, so that claims and commits get their turn. */
const STEP_ROWS = 500;
/**
 * Lost ranges that are reported one by one. More are reported as wider ones, within which what was received counts as
 * received.
 */
const MAX_GAPS = 32;
/** A damaged file stays for those who want to look at it, unless it has more bytes. */
const KEEP_BYTES = 64 * 1024 * 1024;

/** Ids that are gone, with the event times around them. */
interface Gap {
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
}

/** What is still to be done, as `meta` keeps it. A restart resumes it. */
interface Agenda {
  /** Path of the damaged file whose rows are brought over; absent once all are. */
  readonly file?: string;
  /** Rows up to this id are brought over. */
  readonly reached: number;
  readonly upTo: number;
  /** The ledger counts records up to this id; 0 where no ledger was left. */
  readonly counted: number;
  readonly salvaged: number;
  readonly gaps: readonly Gap[];
  /** Event time of the newest row that was brought over. */
  readonly t: number;
  /** Number of lost records by kind, once it is known and can be reported. */
  readonly lost?: readonly (readonly [kind: number, count: number])[];
}

interface SalvageSource {
  readonly damaged: DamagedFile | undefined;
  /** Settled ranges of the damaged file; here they may be pruned meanwhile. */
  readonly settled: IdRanges;
  /** Ids that the damaged file lists as urgent; undefined where the list cannot be read. */
  readonly urgent: ReadonlySet<number> | undefined;
}

/** Outcome of a salvage that is through. */
export interface SalvageResult {
  readonly file: string;
  readonly kept: boolean;
  readonly records: number;
  readonly unreadable: number;
}

/**
 * Saves what can be saved of a damaged telemetry.db. The file is set aside and a fresh one goes on at once, with boots,
 * ledger and settled ranges from the old file or from control.db's note; the rows that wait are brought over in idle
 * time, under their ids, so that each keeps its name. In the end what waits is counted, and what is missing is reported
 * as unreadable. All changes belong into a transaction.
 */
export class Salvage {
  readonly #state: OutboxState;
  readonly #positions: SourcePositions;
  readonly #nativeBinding: string | undefined;
  readonly #select: Statement<[], string>;
  readonly #upsert: Statement<[string]>;
  readonly #remove: Statement<[]>;
  #source: SalvageSource | undefined;

  constructor(store: Store, state: OutboxState, positions: SourcePositions, nativeBinding: string | undefined) {
    this.#state = state;
    this.#positions = positions;
    this.#nativeBinding = nativeBinding;
    this.#select = store.prepare<[], string>(`SELECT value FROM meta WHERE key = '${KEY}'`, 'value');
    this.#upsert = store.prepare<[string]>(
      `INSERT INTO meta (key, value) VALUES ('${KEY}', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.#remove = store.prepare<[]>(`DELETE FROM meta WHERE key = '${KEY}'`);
  }

  /** Writes into the fresh file what is known of the one that was set aside as `file`. Ids up to `given` were given. */
  begin(file: string, noted: NotedState | undefined, given: number, now: number): void {
    const { boots, ledger, settled, records } = this.#state;
    this.close();
    const damaged = DamagedFile.open(file, this.#nativeBinding, noted?.boots ?? []);
    const known = damaged?.boots ?? noted?.boots ?? [];
    const newest = Math.max(given, damaged?.newestId() ?? 0, (known.at(-1)?.firstId ?? 1) - 1);
    const upTo = Math.max(newest, noted?.newestId ?? 0);
    // The note may be behind the file; the file's own ledger never is.
    const there = damaged?.ledger();
    const own = newest >= (noted?.newestId ?? 0) ? there : undefined;
    const rows = own ?? reconcileLedger(noted?.ledger ?? [], there ?? []);
    boots.restore(known);
    ledger.restore(rows);
    for (const { first, last, value } of damaged?.settled() ?? []) settled.add(first, last, value);
    this.#positions.write(damaged?.positions() ?? []);
    records.raise(upTo);
    const counted = own === undefined ? (noted?.newestId ?? 0) : upTo;
    const oldest = damaged?.read(0, upTo, 1).rows[0]?.id ?? known[0]?.firstId ?? 1;
    this.#open(damaged);
    this.#save({ file, reached: oldest - 1, upTo, counted, salvaged: 0, gaps: [], t: noted?.at ?? now });
  }

  /**
   * Ids that control.db's note knows and the file, which is sound, does not: the end of its log could not be read, or
   * it is another file. Undefined where there are none.
   */
  compare(noted: NotedState): Gap | undefined {
    const { records } = this.#state;
    if (noted.newestId <= records.newestId) return undefined;
    const t = records.timeOf(records.newestId) ?? noted.at;
    return { first: records.newestId + 1, last: noted.newestId, from: Math.min(t, noted.at), to: noted.at };
  }

  /** Takes over what the note knows and the file does not. What waits in the file is all that waits. */
  catchUp(noted: NotedState, gap: Gap): void {
    const { boots, ledger, records } = this.#state;
    const waiting = ledger.waiting();
    const oldestLost = boots.all.length === 0 ? (noted.boots[0]?.firstId ?? gap.first) : gap.first;
    boots.restore(noted.boots.filter(({ firstId }) => firstId > records.newestId || boots.all.length === 0));
    ledger.restore(reconcileLedger(noted.ledger, ledger.kindRows()));
    const lost = ledger.correct(waiting);
    records.raise(noted.newestId);
    const { newestId } = noted;
    const gaps = [{ ...gap, first: oldestLost }];
    this.#save({
      reached: newestId,
      upTo: newestId,
      counted: newestId,
      salvaged: 0,
      gaps,
      t: gap.from,
      lost: [...lost],
    });
  }

  /** Whether rows are left to be brought over, or losses to be reported. */
  get busy(): boolean {
    return this.#agenda() !== undefined;
  }

  /** Brings over some rows. Returns the outcome with the last ones. */
  step(maxBytes: number): SalvageResult | undefined {
    const agenda = this.#agenda();
    if (agenda?.file === undefined) return undefined;
    const { damaged, urgent, settled: settledThere } = this.#sourceOf(agenda.file);
    const stretch = damaged?.read(agenda.reached, agenda.upTo, STEP_ROWS);
    const { rows, reached } = upToBytes(stretch ?? { rows: [], reached: agenda.upTo }, maxBytes);
    const { settled, records, claims } = this.#state;
    const waiting = rows.filter((row) =>
      isWaiting(row, settledThere.get(row.id) ?? settled.ranges.get(row.id), urgent),
    );
    for (const row of waiting) records.keep(this.#counted(row, agenda));
    claims.rewind();
    const next: Agenda = {
      ...agenda,
      reached,
      salvaged: agenda.salvaged + waiting.length,
      gaps: gapsWith(agenda, rows, reached),
      t: rows.at(-1)?.t ?? agenda.t,
    };
    if (reached < agenda.upTo) {
      this.#save(next);
      return undefined;
    }
    return this.#finish(next, agenda.file);
  }

  /** Writes loss records of what is gone, once that is known. */
  reportLosses(moment: Moment): void {
    const agenda = this.#agenda();
    if (agenda?.lost === undefined) return;
    const { losses, boots } = this.#state;
    const ranges = splitByBoot(agenda.gaps, boots.all);
    // Which range they were in cannot be known: the last one counts them all.
    const last = ranges.at(-1);
    for (const range of ranges) {
      const { boot, first, last: end, from, to } = range;
      const counts: KindCounts = new Map(range === last ? agenda.lost : []);
      losses.add(
        {
          boot: boot.id,
          first: first - boot.firstId + 1,
          last: end - boot.firstId + 1,
          from,
          to,
          cause: 'unreadable',
          counts,
        },
        moment,
      );
    }
    this.#remove.run();
  }

  /** Closes the damaged file. */
  close(): void {
    this.#source?.damaged?.close();
    this.#source = undefined;
  }

  #finish(agenda: Agenda, file: string): SalvageResult {
    const { ledger, records, settled } = this.#state;
    const lost = ledger.correct(records.countWaiting(settled.ranges));
    this.close();
    // A file that gave nothing stays: another tool may read more of it.
    const kept = storeBytes(file) <= KEEP_BYTES || agenda.salvaged === 0;
    if (!kept) removeStore(file);
    const { file: _, ...rest } = agenda;
    this.#save({ ...rest, lost: [...lost] });
    const unreadable = Array.from(lost.values()).reduce((sum, count) => sum + count, 0);
    return { file: basename(file), kept, records: agenda.salvaged, unreadable };
  }

  /** The row for this file. Where the ledger does not know of it, it is counted as the kind that its text names. */
  #counted(row: KeptRow, { counted }: Agenda): KeptRow {
    const { ledger, boots } = this.#state;
    if (row.id <= counted && ledger.has(row.kind)) return row;
    const kind = kindIn(ledger, row.body);
    ledger.commit(kind, 1);
    if (row.crc === null || kind === row.kind) return { ...row, kind };
    const boot = bootOfId(boots.all, row.id);
    if (boot === undefined) return row;
    const { id, t, flags, body } = row;
    return { ...row, kind, crc: recordChecksum(bootSeed(boot.id), id - boot.firstId + 1, kind, t, flags, body) };
  }

  #sourceOf(file: string): SalvageSource {
    return this.#source ?? this.#open(DamagedFile.open(file, this.#nativeBinding, this.#state.boots.all));
  }

  #open(damaged: DamagedFile | undefined): SalvageSource {
    const urgent = damaged?.urgentIds();
    const settled = new IdRanges();
    for (const { first, last, value } of damaged?.settled() ?? []) settled.set(first, last, value);
    this.#source = { damaged, settled, urgent: urgent && new Set(urgent) };
    return this.#source;
  }

  /** The agenda in the file, which a rollback puts back, too. */
  #agenda(): Agenda | undefined {
    return parseAgenda(this.#select.get());
  }

  #save(agenda: Agenda): void {
    this.#upsert.run(JSON.stringify(agenda));
  }
}

/** The beginning of a stretch, of so many bytes and at least one row. */
function upToBytes({ rows, reached }: Stretch, maxBytes: number): Stretch {
  let bytes = 0;
  const cut = rows.findIndex(({ body }, index) => {
    bytes += body.length;
    return bytes > maxBytes && index > 0;
  });
  const last = rows[cut - 1];
  return last === undefined ? { rows, reached } : { rows: rows.slice(0, cut), reached: last.id };
}

/** Kind that a record's text names. */
function kindIn(ledger: Ledger, body: string): number {
  const { pipeline = NO_PIPELINE, type } = JSON.parse(body);
  return ledger.kindOf(pipeline, type);
}

/** Reads an agenda. Undefined where there is none; where it is damaged, the next count finds what is missing. */
function parseAgenda(text: string | undefined): Agenda | undefined {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Adds the ids that have no row. Whether one waited or was confirmed cannot be known; what was received counts as
 * received.
 */
function gapsWith(agenda: Agenda, rows: readonly KeptRow[], reached: number): readonly Gap[] {
  let { gaps, reached: at, t: from } = agenda;
  for (const { id, t } of [...rows, { id: reached + 1, t: rows.at(-1)?.t ?? from }]) {
    if (id > at + 1)
      gaps = withGap(gaps, { first: at + 1, last: id - 1, from: Math.min(from, t), to: Math.max(from, t) });
    at = id;
    from = t;
  }
  return gaps;
}

/** Adds a gap, in order of ids. Beyond so many gaps the last one grows. */
function withGap(gaps: readonly Gap[], gap: Gap): readonly Gap[] {
  const last = gaps.at(-1);
  const touches = last !== undefined && gap.first <= last.last + 1;
  if (last === undefined || (!touches && gaps.length < MAX_GAPS)) return [...gaps, gap];
  const wider = {
    first: Math.min(last.first, gap.first),
    last: Math.max(last.last, gap.last),
    from: Math.min(last.from, gap.from),
    to: Math.max(last.to, gap.to),
  };
  return [...gaps.slice(0, -1), wider];
}

/** Cuts each gap at the boots that it touches. */
function splitByBoot(gaps: readonly Gap[], boots: readonly NotedBoot[]): (Gap & { readonly boot: NotedBoot })[] {
  return gaps.flatMap((gap) =>
    boots.flatMap((boot, index) => {
      const first = Math.max(gap.first, boot.firstId);
      const last = Math.min(gap.last, (boots[index + 1]?.firstId ?? Number.POSITIVE_INFINITY) - 1);
      return first <= last ? [{ ...gap, first, last, boot }] : [];
    }),
  );
}

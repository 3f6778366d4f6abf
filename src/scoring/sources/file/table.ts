import type { Reading, ReadingValue } from '../../../common/core/index.ts';
import { badLayout } from '../errors.ts';
import { shorten, toAsset } from '../payload/decoder.ts';
import { put } from '../payload/values.ts';
import type { RejectReason } from '../reject.ts';
import { toMillis } from '../time.ts';
import { createSplitter, type Splitter, toValue } from './cells.ts';
import type { Line } from './lines.ts';
import { stemOf } from './listing.ts';
import type { Recording, RecordingOptions, RowBatch } from './recording.ts';
import { readRows } from './row-files.ts';
import { compileTemplate } from './template.ts';

/** The places of asset, time and tags in a row, once the columns are known. */
interface Columns {
  readonly count: number;
  asset(cells: readonly string[]): string;
  /** Column of the time; undefined for rows at a fixed rate. */
  readonly time: number | undefined;
  readonly tags: readonly { readonly name: string; readonly index: number }[];
}

type Reject = RecordingOptions['reject'];

/** A file of rows with one reading each, split into columns. */
export class TableRecording implements Recording<Line> {
  readonly #options: RecordingOptions;
  readonly #split: Splitter;
  readonly #hasHeader: boolean;
  #columns: Columns | undefined;

  constructor(options: RecordingOptions) {
    const { config } = options;
    this.#options = options;
    this.#split = createSplitter(config.separator ?? ',');
    this.#hasHeader = config.header ?? config.columns === undefined;
  }

  async *rows(): AsyncGenerator<RowBatch<Line>> {
    const { config, name, path } = this.#options;
    if (!this.#hasHeader) this.#columns = this.#locate(config.columns ?? []);
    for await (const { first, rows } of readRows(path, config.maxLine)) {
      if (!this.#hasHeader) yield { first, rows };
      else if (first > 0) yield { first: first - 1, rows };
      else {
        const header = rows[0] === undefined ? undefined : this.#split(rows[0]);
        if (header === undefined) throw badLayout(name, 'the first row is no header');
        this.#columns = this.#locate(config.columns ?? header.map((cell) => cell.trim()));
        yield { first: 0, rows: rows.slice(1) };
      }
    }
  }

  textOf(row: Line): string {
    return row ?? '';
  }

  read(row: Line, index: number, out: Reading[]): void {
    const { config, name, base } = this.#options;
    const columns = this.#columns;
    const reject = (reason: RejectReason, detail: string) =>
      this.#options.reject(reason, `${name} row ${index + 1}: ${detail}`);
    const cells = this.#cells(row, reject);
    if (cells === undefined || columns === undefined) return;
    const asset = toAsset(columns.asset(cells), { reject });
    if (asset === undefined) return;
    const t = this.#time(columns.time === undefined ? undefined : cells[columns.time], base + index, reject);
    if (Number.isNaN(t)) return;
    const values: Record<string, ReadingValue> = {};
    for (const tag of columns.tags) {
      const value = toValue(cells[tag.index] ?? '', config.decimal);
      if (Number.isNaN(value)) reject('non-finite', tag.name);
      put(values, tag.name, Number.isNaN(value) ? null : value);
    }
    out.push({ asset, t, values });
  }

  /** Splits a row into its cells; undefined where it is refused. */
  #cells(row: Line, reject: Reject): string[] | undefined {
    const cells = row === undefined ? undefined : this.#split(row);
    const expected = this.#columns?.count;
    if (row === undefined) reject('line-too-long', `more than ${this.#options.config.maxLine} characters`);
    else if (cells === undefined) reject('malformed-row', 'quotes that do not fit');
    else if (cells.length === expected) return cells;
    else reject('malformed-row', `${cells.length} columns, not ${expected}`);
    return undefined;
  }

  /** Reads the time of a row, `count` being its number; NaN where it is refused. */
  #time(cell: string | undefined, count: number, reject: Reject): number {
    const { time, decimal } = this.#options.config;
    if (cell === undefined) return time.origin + count * (time.period ?? 0);
    const text = cell.trim();
    if (text === '') {
      reject('missing-time', `column ${time.column}`);
      return Number.NaN;
    }
    const raw = toValue(text, decimal);
    const { unit, period } = time;
    const t = period === undefined ? toMillis(raw, unit) : toMillis(time.origin + Number(raw) * period, 'ms');
    if (!Number.isNaN(t)) return t;
    reject('bad-time', shorten(cell));
    return Number.NaN;
  }

  #locate(names: readonly string[]): Columns {
    const { config, name } = this.#options;
    const indexes = new Map(names.map((column, index) => [column, index]));
    if (indexes.size !== names.length) throw badLayout(name, 'two columns have the same name', { path: 'columns' });
    const indexOf = (column: string, path: string): number => {
      const index = indexes.get(column);
      if (index !== undefined) return index;
      throw badLayout(name, `no column "${column}" among ${shorten(names.join(', '))}`, { path });
    };
    const { column, period } = config.time;
    if (column === undefined && period === undefined) {
      throw badLayout(name, 'a csv file needs the column of its time, or the period of its rows', { path: 'time' });
    }
    const template = compileTemplate(config.asset ?? '{file}');
    const used = new Set(column === undefined ? template.columns : [column, ...template.columns]);
    const tags = config.tags?.map((tag) => (typeof tag === 'string' ? tag : tag.tag));
    return {
      count: names.length,
      asset: template.bind(stemOf(name), (wanted) => indexOf(wanted, 'asset')),
      time: column === undefined ? undefined : indexOf(column, 'time.column'),
      tags: (tags ?? names.filter((wanted) => !used.has(wanted))).map((tag) => ({
        name: tag,
        index: indexOf(tag, 'tags'),
      })),
    };
  }
}

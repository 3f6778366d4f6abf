import type { Reading, ReadingValue } from '../../../common/core/index.ts';
import { badLayout } from '../errors.ts';
import { show, toAsset } from '../payload/decoder.ts';
import { put } from '../payload/values.ts';
import type { RejectReason } from '../reject.ts';
import { isTime } from '../time.ts';
import { createCellReader, createSplitter, type Splitter } from './cells/cells.ts';
import { createNumberReader, looksLikeNumber, markOf, type NumberReader } from './cells/numbers.ts';
import { TableLines } from './cells/table-lines.ts';
import { type Columns, locateColumns } from './columns.ts';
import type { Recording, RecordingOptions, RowBatch } from './recording.ts';
import { type Line, readLines } from './text/lines.ts';

type Reject = RecordingOptions['reject'];

const plainNumber = createNumberReader({ decimal: '.' });
const isPlain = (text: string) => plainNumber(text) !== undefined;

/** The first line by which a file tells a spreadsheet its separator. */
const SEPARATOR_LINE = /^"?sep=(.)"?$/i;

/** A file of rows with one reading each, split into columns. */
export class TableRecording implements Recording<Line> {
  readonly #options: RecordingOptions;
  readonly #hasHeader: boolean;
  readonly #number: NumberReader;
  readonly #value: (cell: string) => ReadingValue;
  #splitter: Splitter;
  #columns: Columns | undefined;
  /** By tag, whether its column has had a number: text in it is then no text that was meant. */
  #hadNumber: boolean[] = [];

  constructor(options: RecordingOptions) {
    const { config } = options;
    this.#options = options;
    this.#splitter = createSplitter(config.separator ?? ',');
    this.#number = createNumberReader(config);
    this.#value = createCellReader(config);
    this.#hasHeader = config.header ?? config.columns === undefined;
  }

  async *rows(): AsyncGenerator<RowBatch<Line>> {
    const { config, name, path, reject } = this.#options;
    this.#columns = this.#hasHeader ? undefined : locateColumns(this.#options, config.columns ?? []);
    const table = new TableLines(config, {
      split: (row) => this.#splitter.split(row),
      isOpen: (row) => this.#splitter.isOpen(row),
      fits: (row) => this.#fit(row) !== undefined,
      tellsSeparator: (line) => this.#declaresSeparator(line),
      isHeader: (row) => this.#columns === undefined && this.#readHeader(row),
    });
    let first = 0;
    for await (const lines of readLines(path, config)) {
      const rows = table.take(lines);
      if (rows.length > 0) yield { first, rows };
      first += rows.length;
    }
    const rows = table.end();
    if (rows.length > 0) yield { first, rows };
    if (this.#columns === undefined) reject('unreadable-file', `${name}: is empty, without a header`);
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
    if (asset.includes('\uFFFD')) {
      reject('bad-asset', `${show(asset)} has bytes that are no ${config.encoding ?? 'utf-8'}: declare encoding`);
      return;
    }
    const t = this.#time(cells, columns, asset, base + index, reject);
    if (Number.isNaN(t)) return;
    const values: Record<string, ReadingValue> = {};
    for (let k = 0; k < columns.tags.length; k++) {
      const tag = columns.tags[k];
      if (tag !== undefined) put(values, tag.name, this.#tag(k, tag.name, cells[tag.index] ?? '', reject));
    }
    out.push({ asset, t, values, ...markOf(config) });
  }

  /** Reads the value of a tag. Text that was meant as a number stays text, which no number is made of, and is counted. */
  #tag(k: number, name: string, cell: string, reject: Reject): ReadingValue {
    const value = this.#value(cell);
    if (typeof value === 'number') {
      this.#hadNumber[k] = true;
      if (!Number.isNaN(value)) return value;
      reject('non-finite', `column ${name}`);
      return null;
    }
    if (typeof value === 'string' && (this.#hadNumber[k] === true || looksLikeNumber(value))) {
      const { decimal, thousands } = this.#options.config;
      const form = `decimal ${decimal}${thousands === undefined ? '' : ` and thousands ${JSON.stringify(thousands)}`}`;
      reject('malformed-number', `column ${name}: ${show(value)} is no number with ${form}; see also the key missing`);
    }
    return value;
  }

  /** Whether a line only tells the separator, which it does unless that is declared. */
  #declaresSeparator(line: Line): boolean {
    const { separator } = this.#options.config;
    const found = SEPARATOR_LINE.exec(line ?? '')?.[1];
    if (found !== undefined && separator === undefined) this.#splitter = createSplitter(found);
    return found !== undefined;
  }

  #readHeader(row: Line): true {
    const { config, name } = this.#options;
    const header = row === undefined ? undefined : this.#splitter.split(row);
    if (header === undefined) throw badLayout(name, 'the first row is no header', { path: 'header' });
    this.#columns = locateColumns(this.#options, config.columns ?? header.map((cell) => cell.trim()));
    return true;
  }

  /** Splits a row; undefined where it does not have the columns declared. A separator may stand at its end. */
  #fit(row: string): string[] | undefined {
    const cells = this.#splitter.split(row);
    const expected = this.#columns?.count ?? cells?.length;
    if (cells === undefined || cells.length === expected) return cells;
    return cells.length - 1 === expected && cells.at(-1)?.trim() === '' ? cells : undefined;
  }

  /** Splits a row into its cells; undefined where it is refused. */
  #cells(row: Line, reject: Reject): string[] | undefined {
    if (row === undefined) {
      reject('line-too-long', `more than ${this.#options.config.maxLine} characters`);
      return undefined;
    }
    if (row.includes('\0')) {
      reject('malformed-row', 'NUL bytes in it, as a power cut leaves them');
      return undefined;
    }
    const cells = this.#fit(row);
    if (cells !== undefined) return cells;
    const found = this.#splitter.split(row);
    const why = found === undefined ? 'quotes that do not fit' : `${found.length} columns, not ${this.#columns?.count}`;
    reject('malformed-row', why);
    return undefined;
  }

  /** Reads the time of a row, `count` being its number; NaN where it is refused. */
  #time(cells: readonly string[], columns: Columns, asset: string, count: number, reject: Reject): number {
    const { time } = this.#options.config;
    if (columns.time.length === 0) return time.origin + count * (time.period ?? 0);
    const parts = columns.time.map((index) => (cells[index] ?? '').trim());
    if (parts.some((part) => this.#value(part) === null)) {
      reject('missing-time', `column ${[time.column].flat().join(' or ')}`);
      return Number.NaN;
    }
    const text = parts.join(' ');
    const t = time.period === undefined ? this.#instant(text, asset) : this.#count(text, time.period);
    if (typeof t === 'number') return t;
    reject('bad-time', `${show(text)} ${t}`);
    return Number.NaN;
  }

  #instant(text: string, asset: string): number | string {
    const { config, times } = this.#options;
    if (config.time.format !== undefined) return times.read(text, asset, undefined);
    const number = this.#number(text);
    if (number === undefined && isPlain(text)) return `is no number with decimal ${config.decimal}`;
    return times.read(number ?? text, asset, undefined);
  }

  #count(text: string, period: number): number | string {
    const number = this.#number(text);
    if (number === undefined) return 'is no count, which a column of time with a period is';
    const t = this.#options.config.time.origin + number * period;
    return isTime(t) ? t : 'is out of range';
  }
}

import { isRow, type Line } from '../text/lines.ts';
import type { Splitter } from './cells.ts';
import { QuotedRows } from './quotes.ts';

/** What a table knows of its lines. */
export interface TableForm extends Splitter {
  /** Whether a row has the columns of the table. */
  fits(row: string): boolean;
  /** Takes the first line of the file; true where it only tells the separator. */
  tellsSeparator(line: Line): boolean;
  /** Takes a row that is not blank; true where it was the header. */
  isHeader(row: Line): boolean;
}

/** What stands beside the rows of a table. */
export interface BesideRows {
  readonly comment?: string | undefined;
  readonly skip?: number | undefined;
  readonly unitRows?: number | undefined;
  readonly maxLine: number;
}

/** Makes the lines of a table into its rows of data, without what is declared to be none. */
export class TableLines {
  readonly #form: TableForm;
  readonly #comment: string | undefined;
  readonly #quoted: QuotedRows;
  readonly #taken: Line[] = [];
  #begun = false;
  /** Lines before the header that are still to come. */
  #skip: number;
  /** Rows under it that hold no values. */
  #units: number;

  constructor({ comment, skip, unitRows, maxLine }: BesideRows, form: TableForm) {
    this.#form = form;
    this.#comment = comment;
    this.#quoted = new QuotedRows(form, maxLine);
    this.#skip = skip ?? 0;
    this.#units = unitRows ?? 0;
  }

  /** Takes lines in order; returns the rows that they end. */
  take(lines: readonly Line[]): Line[] {
    const rows: Line[] = [];
    for (const line of lines) {
      if (this.#isBeside(line)) continue;
      this.#quoted.take(line, this.#taken);
      this.#sift(rows);
    }
    return rows;
  }

  /** Gives the rows that were still held at the end. */
  end(): Line[] {
    const rows: Line[] = [];
    this.#quoted.end(this.#taken);
    this.#sift(rows);
    return rows;
  }

  #isBeside(line: Line): boolean {
    const isFirst = !this.#begun;
    this.#begun = true;
    if (isFirst && this.#form.tellsSeparator(line)) return true;
    if (this.#skip > 0) {
      this.#skip -= 1;
      return true;
    }
    return this.#comment !== undefined && !this.#quoted.isOpen && line?.startsWith(this.#comment) === true;
  }

  #sift(rows: Line[]): void {
    for (const row of this.#taken) {
      if (!isRow(row) || this.#form.isHeader(row)) continue;
      if (this.#units > 0) this.#units -= 1;
      else rows.push(row);
    }
    this.#taken.length = 0;
  }
}

import type { Line } from '../text/lines.ts';
import type { Splitter } from './cells.ts';

/** The most lines that a quoted cell may have; beyond it its quote is a stray one. */
export const MAX_LINES = 100;

/**
 * Joins the lines of quoted cells with line breaks in them into rows. A quote that is not closed within `MAX_LINES` lines
 * and `maxLine` characters, or whose row does not fit, is a stray one: the line with it is a row, and so are those after.
 */
export class QuotedRows {
  readonly #form: Pick<Splitter, 'isOpen'> & { fits(row: string): boolean };
  readonly #maxLine: number;
  /** Lines of a row whose quote is open. */
  #held: string[] = [];

  constructor(form: Pick<Splitter, 'isOpen'> & { fits(row: string): boolean }, maxLine: number) {
    this.#form = form;
    this.#maxLine = maxLine;
  }

  /** Whether the line to come goes on with a row that has begun. */
  get isOpen(): boolean {
    return this.#held.length > 0;
  }

  /** Takes a line; appends the rows that it ends to `out`. */
  take(line: Line, out: Line[]): void {
    if (this.#held.length === 0) {
      if (line === undefined || !this.#form.isOpen(line)) out.push(line);
      else this.#held.push(line);
      return;
    }
    if (line === undefined) {
      this.end(out);
      out.push(line);
      return;
    }
    this.#held.push(line);
    if (line.includes('"')) {
      const row = this.#held.join('\n');
      if (row.length <= this.#maxLine && this.#form.fits(row)) {
        this.#held = [];
        out.push(row);
        return;
      }
      if (!this.#form.isOpen(row)) {
        this.#release(out);
        return;
      }
    }
    const length = this.#held.reduce((sum, one) => sum + one.length + 1, 0);
    if (this.#held.length >= MAX_LINES || length > this.#maxLine) this.#release(out);
  }

  /** Takes the end of the file: what is held is no row. */
  end(out: Line[]): void {
    while (this.#held.length > 0) this.#release(out);
  }

  /** Gives the first line out as it is, and begins anew behind it. */
  #release(out: Line[]): void {
    const [first, ...rest] = this.#held;
    this.#held = [];
    out.push(first);
    for (const line of rest) this.take(line, out);
  }
}

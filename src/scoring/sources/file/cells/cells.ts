import type { ReadingValue } from '../../../../common/core/index.ts';
import { createNumberReader, type NumberForm } from './numbers.ts';

/** Splits rows into cells. */
export interface Splitter {
  /** Gives the cells of a row; undefined where its quotes do not fit. */
  split(row: string): string[] | undefined;
  /** Whether a row ends inside a quoted cell, which then goes on in the next line. */
  isOpen(row: string): boolean;
}

/**
 * Makes what splits rows: `whitespace` at runs of blanks, else at the separator, with quotes as in RFC 4180.
 */
export function createSplitter(separator: string): Splitter {
  if (separator === 'whitespace') return { split: (row) => row.trim().split(/\s+/), isOpen: () => false };
  const delimiter = separator === 'tab' ? '\t' : separator;
  return {
    split(row) {
      if (!row.includes('"')) return row.split(delimiter);
      const cells = splitQuoted(row, delimiter);
      return typeof cells === 'string' ? undefined : cells;
    },
    isOpen: (row) => row.includes('"') && splitQuoted(row, delimiter) === 'open',
  };
}

function splitQuoted(row: string, delimiter: string): string[] | 'open' | 'misfit' {
  const cells: string[] = [];
  let at = 0;
  while (at <= row.length) {
    let end: number;
    if (row[at] === '"') {
      const close = closingQuote(row, at);
      if (close < 0) return 'open';
      end = close + 1;
      if (end < row.length && row[end] !== delimiter) return 'misfit';
      cells.push(row.slice(at + 1, close).replaceAll('""', '"'));
    } else {
      const next = row.indexOf(delimiter, at);
      end = next < 0 ? row.length : next;
      cells.push(row.slice(at, end));
    }
    at = end + 1;
  }
  return cells;
}

/** Finds where the quote at `open` is closed; -1 where it is not. */
function closingQuote(row: string, open: number): number {
  let quote = row.indexOf('"', open + 1);
  while (quote >= 0 && row[quote + 1] === '"') quote = row.indexOf('"', quote + 2);
  return quote;
}

/** How cells are written. */
export interface CellForm extends NumberForm {
  /** What stands in a cell that has no value. */
  readonly missing?: readonly (string | number)[] | undefined;
}

/** NaN and infinities as programs write them. */
const NON_FINITE = /^[+-]?(nan|inf|infinity)$/i;

/**
 * Makes what reads a cell as a value: a number where it is one as declared, null where it is empty or says that there is
 * none, true and false, else its text. NaN (the number) stands for a number that is not finite: the caller refuses it.
 */
export function createCellReader(form: CellForm): (cell: string) => ReadingValue {
  const number = createNumberReader(form);
  const words = form.missing?.map((word) => (typeof word === 'string' ? word.trim() : word)) ?? [];
  return (cell) => {
    const text = cell.trim();
    if (text === '' || words.includes(text)) return null;
    const value = number(text);
    if (value !== undefined) {
      if (words.includes(value)) return null;
      return Number.isFinite(value) ? value : Number.NaN;
    }
    if (NON_FINITE.test(text)) return Number.NaN;
    return text === 'true' ? true : text === 'false' ? false : text;
  };
}

import type { ReadingValue } from '../../../common/core/index.ts';

/** Splits a row into cells; undefined where its quotes do not fit. */
export type Splitter = (line: string) => string[] | undefined;

/**
 * Makes what splits rows: `whitespace` at runs of blanks, else at the separator, with quotes as in RFC 4180 on one
 * line.
 */
export function createSplitter(separator: string): Splitter {
  if (separator === 'whitespace') return (line) => line.trim().split(/\s+/);
  const delimiter = separator === 'tab' ? '\t' : separator;
  return (line) => (line.includes('"') ? splitQuoted(line, delimiter) : line.split(delimiter));
}

function splitQuoted(line: string, delimiter: string): string[] | undefined {
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    let end: number;
    if (line[at] === '"') {
      const close = closingQuote(line, at);
      end = close + 1;
      if (close < 0 || (end < line.length && line[end] !== delimiter)) return undefined;
      cells.push(line.slice(at + 1, close).replaceAll('""', '"'));
    } else {
      const next = line.indexOf(delimiter, at);
      end = next < 0 ? line.length : next;
      cells.push(line.slice(at, end));
    }
    at = end + 1;
  }
  return cells;
}

/** Finds where the quote at `open` is closed; -1 where it is not. */
function closingQuote(line: string, open: number): number {
  let quote = line.indexOf('"', open + 1);
  while (quote >= 0 && line[quote + 1] === '"') quote = line.indexOf('"', quote + 2);
  return quote;
}

const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const PLUS = 43;
const POINT = 46;

function looksNumeric(cell: string): boolean {
  const first = cell.charCodeAt(0);
  return (first >= ZERO && first <= NINE) || first === MINUS || first === PLUS || first === POINT;
}

/** NaN and infinities as programs write them. */
const NON_FINITE = /^[+-]?(nan|inf|infinity)$/i;

/**
 * Reads a cell as a value: a number where it is one, null where it is empty, true and false, else its text.
 * NaN (the number) stands for a number that is not finite: the caller refuses it.
 */
export function toValue(cell: string, decimal: '.' | ','): ReadingValue {
  if (looksNumeric(cell)) {
    const value = Number(decimal === ',' ? cell.replace(',', '.') : cell);
    if (!Number.isNaN(value)) return Number.isFinite(value) ? value : Number.NaN;
  }
  const text = cell.trim();
  if (text === '') return null;
  if (text !== cell) return toValue(text, decimal);
  if (NON_FINITE.test(text)) return Number.NaN;
  return text === 'true' ? true : text === 'false' ? false : text;
}

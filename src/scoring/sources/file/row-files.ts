import { type Line, type LineForm, readLines } from './lines.ts';
import type { RowBatch } from './recording.ts';

/** Whether a line is a row: one that is blank is none. */
export function isRow(line: Line): boolean {
  return line === undefined || line.trim() !== '';
}

/** Reads the lines of a file that are not blank, numbered. */
export async function* readRows(path: string, form: LineForm): AsyncGenerator<RowBatch<Line>> {
  let first = 0;
  for await (const lines of readLines(path, form)) {
    const rows = lines.filter(isRow);
    if (rows.length > 0) yield { first, rows };
    first += rows.length;
  }
}

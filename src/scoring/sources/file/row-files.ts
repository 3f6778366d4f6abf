import type { RowBatch } from './recording.ts';
import { isRow, type Line, type LineForm, readLines } from './text/lines.ts';

/** Reads the lines of a file that are not blank, numbered. */
export async function* readRows(path: string, form: LineForm): AsyncGenerator<RowBatch<Line>> {
  let first = 0;
  for await (const lines of readLines(path, form)) {
    const rows = lines.filter(isRow);
    if (rows.length > 0) yield { first, rows };
    first += rows.length;
  }
}

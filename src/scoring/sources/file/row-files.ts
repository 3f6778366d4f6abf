import { type Line, readLines } from './lines.ts';
import type { RowBatch } from './recording.ts';

/** Reads the lines of a file that are not blank, numbered. */
export async function* readRows(path: string, maxLine: number): AsyncGenerator<RowBatch<Line>> {
  let first = 0;
  for await (const lines of readLines(path, maxLine)) {
    const rows = lines.filter((line) => line === undefined || line.trim() !== '');
    if (rows.length > 0) yield { first, rows };
    first += rows.length;
  }
}

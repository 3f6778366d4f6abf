import { crc32 } from 'node:zlib';

/** A place in the files: behind reading `index` of row `row` of one of them. */
export interface Position {
  /** Rows of data before this one in the file. */
  readonly row: number;
  /** Readings of the same row before this one. */
  readonly index: number;
  /** CRC-32 of the row's text or bytes, hex: tells another file of the same name. */
  readonly check: string;
  /** Rows of data in the files before, where they count on. */
  readonly base: number;
  /** Name inside the folder; the file's own for a single one. */
  readonly file: string;
}

/** Computes the check of a row: CRC-32 in hex. */
export function checkOf(row: string | Uint8Array): string {
  return crc32(row).toString(16);
}

/** Writes the part of a position that all readings of a row share; `positionOf` puts the index before it. */
export function rowToken({ row, check, base, file }: Omit<Position, 'index'>): string {
  return `:${row}:${check}:${base}:${file}`;
}

/** Writes the position of a reading as the outbox stores it: INDEX:ROW:CHECK:BASE:FILE. */
export function positionOf(index: number, row: string): string {
  return `${index}${row}`;
}

/** Reads a position; undefined for other text. */
export function parsePosition(text: string): Position | undefined {
  const match = /^(\d{1,15}):(\d{1,15}):([0-9a-f]{1,8}):(\d{1,15}):(.+)$/s.exec(text);
  const [, index, row, check, base, file] = match ?? [];
  if (check === undefined || file === undefined) return undefined;
  return { index: Number(index), row: Number(row), check, base: Number(base), file };
}

/** Names the row of a position, as details of what is refused do. */
export function placeOf(position: string): string {
  const at = parsePosition(position);
  return at === undefined ? position : `${at.file} row ${at.row + 1}`;
}

/** Whether what is read up to `position` was read when reading stood at `reached`; files are read in name order. */
export function isUpTo(position: string, reached: string): boolean {
  const [at, end] = [parsePosition(position), parsePosition(reached)];
  if (at === undefined || end === undefined) return false;
  if (at.file !== end.file) return at.file < end.file;
  return at.row < end.row || (at.row === end.row && at.index <= end.index);
}

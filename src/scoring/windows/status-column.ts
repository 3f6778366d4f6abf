import { type ByteReader, type ByteWriter, StatusCode } from '../../common/core/index.ts';

/** Writes elements [start, end) of a column of statuses; one that is good throughout takes a byte. */
export function saveStatus(out: ByteWriter, status: Uint32Array, start: number, end: number): void {
  let good = true;
  for (let i = start; good && i < end; i += 1) good = status[i] === StatusCode.Good;
  out.u8(good ? 1 : 0);
  if (!good) out.column(status, start, end);
}

/** Reads a column of statuses into elements [0, length). */
export function restoreStatus(from: ByteReader, status: Uint32Array, length: number): void {
  if (from.u8() === 1) status.fill(StatusCode.Good, 0, length);
  else from.column(status, 0, length);
}

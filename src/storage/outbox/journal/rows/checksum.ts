import { crc32 } from 'node:zlib';
import { corrupt } from '../../../../common/store/index.ts';

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/** Seed of the checksums of a boot's records, so that a row can never pass for one of another boot. */
export function bootSeed(boot: string): number {
  return crc32(boot);
}

/**
 * Checksum of a record's row, over everything that says what it is: SQLite's own checks do not see a flipped byte in a
 * payload. Null for what is no record. Signed, so that the column takes four bytes. JSON as `JSON.stringify` writes it
 * has no half characters, whose bytes in the file would be others.
 */
export function recordChecksum(
  seed: number,
  seq: number,
  kind: number,
  t: number,
  flags: number,
  body: unknown,
): number | null {
  if (typeof body !== 'string') return null;
  // SQLite stores -0 as 0.
  double[0] = t + 0;
  const start = mix(mix(mix(mix(seed, seq), kind * 4 + flags), words[0] ?? 0), words[1] ?? 0);
  return crc32(body, start >>> 0) | 0;
}

/** Mixes a value into a hash. The mapping is one-to-one in each argument, so no single change cancels out. */
function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

type Value = number | string;

/** Checksum of a row of one of the small tables. */
export function rowChecksum(table: string, ...values: readonly Value[]): number {
  return crc32(JSON.stringify([table, ...values])) | 0;
}

/** Throws `store.corrupt` where the row is not what was written; a row from before there were checksums has none. */
export function checkRow(path: string, table: string, values: readonly Value[], crc: number | null): void {
  if (crc !== null && crc !== rowChecksum(table, ...values)) {
    throw corrupt(path, `a row of the table ${table} does not fit its checksum`);
  }
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One byte of a file becomes another one, as a worn flash cell would have it. */
export function flipAt(file: string, offset: number, mask = 0x01): void {
  const bytes = readFileSync(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ mask;
  writeFileSync(file, bytes);
}

/** Flips a byte of the first place in telemetry.db where this text stands, so many bytes after its beginning. */
export function flipText(folder: string, text: string, after = 0, mask = 0x01): void {
  const file = join(folder, 'telemetry.db');
  const at = readFileSync(file).indexOf(text);
  if (at < 0) throw new Error(`${text} is not in ${file}`);
  flipAt(file, at + after, mask);
}

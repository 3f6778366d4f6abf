import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** Bytes that are read at a time: the main thread hashes no longer than a moment. */
const PIECE = 256 * 1024;

/** Reads `length` bytes of a file from the start on, in pieces; ends early where the file does. Throws raw errors. */
export async function* piecesOf(file: FileHandle, length: number, piece = PIECE): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(Math.min(piece, length));
  for (let at = 0; at < length; ) {
    const size = Math.min(piece, length - at);
    const filled = await fill(file, buffer.subarray(0, size), at);
    if (filled > 0) yield buffer.subarray(0, filled);
    if (filled < size) return;
    at += filled;
  }
}

/** SHA-256 of the first `length` bytes of a file, in hex. Throws raw errors. */
export async function hashOf(file: FileHandle, length: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of piecesOf(file, length)) hash.update(piece);
  return hash.digest('hex');
}

/** A read may give less than it is asked for. */
async function fill(file: FileHandle, buffer: Uint8Array, at: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

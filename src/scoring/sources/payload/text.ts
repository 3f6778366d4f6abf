import { isUtf8 } from 'node:buffer';

/** The text of a message. */
export interface Text {
  readonly text: string;
  /** Whether some bytes were none of its encoding; U+FFFD stands in their place. */
  readonly damaged: boolean;
}

/** The mark of an order of bytes, which some put in front of UTF-8, too. */
const MARK = '\ufeff';
/** What stands for bytes that are no text. */
const REPLACEMENT = '\ufffd';

/** Reads bytes as text: UTF-8, or UTF-16 where its mark or its zeros say so. */
export function textOf({ buffer, byteOffset, byteLength }: Uint8Array): Text {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const wide = wideEncoding(bytes);
  if (wide === undefined) return { text: withoutMark(bytes.toString('utf8')), damaged: !isUtf8(bytes) };
  const text = new TextDecoder(wide).decode(bytes);
  return { text, damaged: isDamaged(text) };
}

/** A line of a file, which was decoded before: what is no text shows by what stands in its place. */
export function lineText(line: string): Text {
  return { text: withoutMark(line), damaged: isDamaged(line) };
}

/** Whether a text has a place where bytes were no text. */
export function isDamaged(text: string): boolean {
  return text.includes(REPLACEMENT);
}

function withoutMark(text: string): string {
  return text.startsWith(MARK) ? text.slice(1) : text;
}

/** JSON begins with ASCII, so that zeros beside its first two characters tell UTF-16 (RFC 4627, 3). */
function wideEncoding(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  if (a > 0 && b === 0 && c > 0 && d === 0) return 'utf-16le';
  return a === 0 && b > 0 && c === 0 && d > 0 ? 'utf-16be' : undefined;
}

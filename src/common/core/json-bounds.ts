/** What a JSON text may hold, told by its bytes before anything is made of it. */
export interface JsonBounds {
  /** Most objects and lists within one another. */
  readonly depth: number;
  /** Most elements of all lists and objects that are so many levels deep, together. */
  readonly elements?: { readonly depth: number; readonly most: number };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** What is alike in `[` and `{`, and in `]` and `}`: they differ in one bit. */
const CASE = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Says why a JSON text in UTF-8 is beyond its bounds; undefined where it is not, or is no JSON at all. One pass over the
 * bytes, without memory: a parser would have made objects of them all.
 */
export function beyondBounds(bytes: Uint8Array, { depth: deepest, elements }: JsonBounds): string | undefined {
  let depth = 0;
  let count = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if ((byte | CASE) === OPEN) {
      depth += 1;
      if (depth > deepest) return `more than ${deepest} levels deep`;
      if (depth === elements?.depth) count += 1;
    } else if ((byte | CASE) === CLOSE) depth -= 1;
    else if (byte === COMMA && depth === elements?.depth) count += 1;
    if (elements !== undefined && count > elements.most) return `more than ${elements.most} elements`;
  }
  return undefined;
}

/** The place of the quote that ends a string; the end of the bytes where none does. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

/**
 * What a terminal would obey, or a person not see: C0, DEL and C1, marks and overrides of direction, separators of lines
 * and paragraphs, and surrogates without their other half.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
/** The same but for ends of lines. */
const UNPRINTABLE_IN_LINES = /(?!\n)[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Most lines have nothing of it, which is told at a glance. */
const PLAIN = /^[\n\x20-\x7e]*$/;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * A text from outside as it may stand in a table, a log line or an error: what steers a terminal is written as JSON
 * would write it, `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** The same for lines that are complete: their ends stay. A line of JSON says the same as before. */
export function printableLines(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNPRINTABLE_IN_LINES, escaped);
}

/** A copy of plain data in which every text, keys included, is printable. What is no plain data stays as it is. */
export function printableIn<T>(value: T): T;
export function printableIn(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map((item) => printableIn(item));
  if (typeof value !== 'object' || value === null) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [printable(key), printableIn(item)]));
}

import type { Point } from './series.ts';

/** A line that was read: a point, or what is wrong with it. */
export type LineResult = { readonly point: Point } | { readonly problem: string };

const BACKSLASH = 0x5c;
const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...{ t: true, T: true, true: true, True: true, TRUE: true },
  ...{ f: false, F: false, false: false, False: false, FALSE: false },
};
const FLOAT = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INTEGER = /^-?\d+i$/;
const UNSIGNED = /^\d+u$/;
const STRING_ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', r: '\r', t: '\t' };
/** The most characters of a number. */
const MAX_NUMBER = 512;

/** A fault of the line at hand. It is no Error: a message may have a great many, and a trace each would take seconds. */
class Fault {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * Reads the line protocol of InfluxDB, each line by itself, in time that grows with the text alone: escapes, text in
 * quotes over several lines, `i`, `u`, booleans, comments, times in digits. A line with a fault is skipped whole.
 */
export function* readLineProtocol(text: string): Generator<LineResult> {
  const scanner = new Scanner(text);
  while (scanner.begin()) {
    try {
      const point = scanner.point();
      if (point !== undefined) yield { point };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      yield { problem: error.reason };
      scanner.skip();
    }
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Goes on to the next line that has something; false at the end. */
  begin(): boolean {
    while (/[ \r\n]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    return this.#at < this.#text.length;
  }

  skip(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end + 1;
  }

  /** Reads a line up to its end; undefined for a comment. */
  point(): Point | undefined {
    if (this.#text[this.#at] === '#') {
      this.skip();
      return undefined;
    }
    const name = this.#name('measurement', ' ,', /\\([, ])/g);
    const tags: Record<string, string> = Object.create(null);
    while (this.#take(',')) {
      const tag = this.#key('name of a tag');
      this.#expect('=');
      tags[tag] = this.#key('value of a tag');
    }
    if (!this.#blanks()) throw new Fault('no fields');
    const fields: Record<string, unknown> = Object.create(null);
    do {
      const field = this.#key('name of a field');
      this.#expect('=');
      fields[field] = this.#value();
    } while (this.#take(','));
    const t = this.#blanks() ? this.#time() : undefined;
    this.#end();
    return { name, tags, fields, t };
  }

  #key(what: string): string {
    return this.#name(what, ' ,=', /\\([,= ])/g);
  }

  /** Reads a name up to one of the stops, of which a backslash takes the meaning. */
  #name(what: string, stops: string, escapes: RegExp): string {
    const start = this.#at;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === BACKSLASH) {
        while (this.#text.charCodeAt(this.#at) === BACKSLASH) this.#at += 1;
        // What stands behind belongs to it, unless the line ends.
        if (isPrintable(this.#text.charCodeAt(this.#at))) this.#at += 1;
      } else if (isPrintable(code) && !stops.includes(this.#text[this.#at] ?? '')) this.#at += 1;
      else break;
    }
    if (this.#at === start) throw new Fault(`no ${what}`);
    return this.#text.slice(start, this.#at).replace(escapes, '$1');
  }

  #value(): unknown {
    if (this.#text[this.#at] === '"') return this.#string();
    const start = this.#at;
    while (/[^ ,\r\n]/.test(this.#text[this.#at] ?? ' ')) this.#at += 1;
    const length = this.#at - start;
    const value = length > MAX_NUMBER ? undefined : fieldValue(this.#text.slice(start, this.#at));
    if (value !== undefined) return value;
    this.#at = start;
    throw new Fault('a field whose value is neither number, boolean nor text in quotes');
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      this.#at += this.#text.charCodeAt(this.#at) === BACKSLASH ? 2 : 1;
    }
    const raw = this.#text.slice(start + 1, this.#at);
    if (this.#take('"')) return raw.replace(/\\(["\\nrt])/g, (_, escaped: string) => STRING_ESCAPES[escaped] ?? '');
    // Nobody can say where this line ends: the rest of the message goes with it.
    this.#at = this.#text.length;
    throw new Fault('text without its closing quote');
  }

  #time(): string | undefined {
    const start = this.#at;
    this.#take('-');
    while (/\d/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    const digits = this.#text.slice(start, this.#at);
    this.#blanks();
    return digits === '' ? undefined : digits;
  }

  #end(): void {
    const rest = this.#text.slice(this.#at, this.#at + 2);
    if (rest === '' || rest.startsWith('\n') || /^\r(\n|$)/.test(rest)) return;
    throw new Fault('something behind the fields that is no time');
  }

  #blanks(): boolean {
    const start = this.#at;
    while (this.#text[this.#at] === ' ') this.#at += 1;
    return this.#at > start;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #expect(char: string): void {
    if (!this.#take(char)) throw new Fault(`no ${char} behind a name`);
  }
}

/** Whether a character may stand in a name; not NaN, behind the end. */
function isPrintable(code: number): boolean {
  return code > 0x1f && code !== 0x7f;
}

/** The value of a field; undefined for none. */
function fieldValue(word: string): number | boolean | undefined {
  if (Object.hasOwn(BOOLEANS, word)) return BOOLEANS[word];
  if (FLOAT.test(word)) return finite(Number(word));
  if (INTEGER.test(word)) return within(word, -(2n ** 63n), 2n ** 63n);
  return UNSIGNED.test(word) ? within(word, 0n, 2n ** 64n) : undefined;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function within(word: string, least: bigint, beyond: bigint): number | undefined {
  const value = BigInt(word.slice(0, -1));
  return value >= least && value < beyond ? Number(value) : undefined;
}

import { BROKEN } from './broken.ts';
import { isDamaged } from './text.ts';
import { readToken } from './token.ts';
import { put } from './values.ts';

/** Objects and arrays within one another that are looked into. */
const MAX_DEPTH = 64;
/** Places of one message that are told one by one. */
export const MAX_TOLD = 16;
/** Characters of a broken piece that are shown. */
const SHOWN = 40;

const NUL = '\0';
const KEY = /[A-Za-z_$][\w$.-]*/y;
const TOKEN = /[^\s\0\ufeff,:[\]{}"']+/y;
const CODES: Readonly<Record<string, RegExp>> = { u: /^[\da-f]{4}$/i, x: /^[\da-f]{2}$/i };
const SIMPLE: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: NUL };
const ITSELF = '"\'\\/';

/** A document of a message. */
export interface Document {
  /** Parsed JSON; `BROKEN` in the place of what cannot be read. */
  readonly content: unknown;
  /** Whether everything of it is known: of one that is not whole nobody can say what it does not have. */
  readonly whole: boolean;
}

/** What stands in a text that JSON refuses. */
export interface Recovered {
  readonly documents: readonly Document[];
  /** What could not be read: its place and how it looks. */
  readonly broken: readonly string[];
}

/**
 * Reads of a text that JSON refuses what is beyond doubt: whole documents after one another, numbers and words as other
 * languages write them. What is broken costs itself alone as long as the rest can be told from it; where a quote or a
 * bracket leaves that open, or the text ends too early, everything from there on is missing. Never throws; the time is
 * linear in the text.
 */
export function recover(text: string, damaged: boolean): Recovered {
  return new Recovery(text, damaged).read();
}

class Recovery {
  readonly #text: string;
  readonly #damaged: boolean;
  readonly #path: (string | number)[] = [];
  readonly #broken: string[] = [];
  #untold = 0;
  #whole = true;
  #at = 0;
  /** Where reading ends: at the end of the text, or where nothing beyond can be told apart. */
  #end: number;

  constructor(text: string, damaged: boolean) {
    this.#text = text;
    this.#damaged = damaged;
    this.#end = text.length;
  }

  read(): Recovered {
    const documents: Document[] = [];
    while (this.#text[this.#at] === NUL) this.#at += 1;
    for (this.#blanks(); this.#at < this.#end; this.#blanks()) {
      this.#whole = true;
      const content = this.#document();
      documents.push({ content, whole: this.#whole });
    }
    const more = this.#untold === 0 ? [] : [`${this.#untold} more places`];
    return { documents, broken: [...this.#broken, ...more] };
  }

  /** Reads a document and goes to where the next one may begin. */
  #document(): unknown {
    const start = this.#at;
    const value = this.#value(0);
    const newLine = this.#blanks();
    if (this.#at >= this.#end) return value;
    if (this.#peek() === NUL) {
      // A text in C ends at its first NUL; what lies behind it is left from an earlier one.
      this.#breakFrom(this.#at, this.#end);
      return value;
    }
    const isContainer = isObject(value);
    if (newLine && this.#peek() !== ',') return value;
    if (!isContainer) return value === BROKEN ? value : this.#breakFrom(start, this.#endOfLine());
    if (this.#peek() === ',') {
      this.#at += 1;
      this.#blanks();
    }
    if (this.#at >= this.#end || this.#peek() === '{' || this.#peek() === '[') return value;
    this.#whole = false;
    this.#breakFrom(this.#at, this.#endOfLine());
    return value;
  }

  #value(depth: number): unknown {
    const character = this.#peek();
    if (character === '{' || character === '[') {
      if (depth >= MAX_DEPTH) return this.#stop(`more than ${MAX_DEPTH} levels`);
      return character === '{' ? this.#object(depth) : this.#array(depth);
    }
    const start = this.#at;
    if (character === '"' || character === "'") return this.#string(character) ?? this.#tell(start);
    const value = readToken(this.#match(TOKEN));
    if (value !== undefined && (depth === 0 || this.#at < this.#end)) return value;
    // A token at the end of a text that is cut may have gone on.
    this.#whole &&= this.#at < this.#end || depth === 0;
    return depth === 0 ? this.#breakFrom(start, this.#endOfLine()) : this.#tell(start);
  }

  #object(depth: number): unknown {
    const object: Record<string, unknown> = {};
    let last: string | undefined;
    this.#at += 1;
    for (;;) {
      this.#blanks();
      const character = this.#peek();
      if (character === '}') break;
      if (character === undefined || character === ']') {
        this.#stop('the object does not end');
        return last === undefined ? BROKEN : object;
      }
      const start = this.#at;
      const key = this.#key();
      if (this.#peek() === ':' && key !== undefined) {
        this.#at += 1;
        this.#path.push(key);
        const value = this.#element(depth);
        this.#path.pop();
        // A name of which bytes are missing is none of those that somebody declared.
        if (this.#isDamaged(key)) this.#breakFrom(start, this.#at);
        else put(object, key, value);
        last = key;
      } else {
        const piece = this.#garbage(start);
        // A comma as decimal mark: the number before it is as doubtful as what follows.
        if (key === undefined && last !== undefined && /^[\d.+-]/.test(piece)) put(object, last, BROKEN);
        else if (key !== undefined && !this.#isDamaged(key)) put(object, key, BROKEN);
        else this.#whole = false;
      }
      this.#comma();
    }
    this.#at += 1;
    return object;
  }

  #array(depth: number): unknown {
    const array: unknown[] = [];
    this.#at += 1;
    for (;;) {
      this.#blanks();
      const character = this.#peek();
      if (character === ']') break;
      if (character === undefined || character === '}') {
        this.#stop('the array does not end');
        return array.length === 0 ? BROKEN : array;
      }
      this.#path.push(array.length);
      array.push(this.#element(depth));
      this.#path.pop();
      this.#comma();
    }
    this.#at += 1;
    return array;
  }

  /** Reads a value inside an object or array, up to what ends it. */
  #element(depth: number): unknown {
    this.#blanks();
    const start = this.#at;
    const next = this.#peek();
    if (next === undefined || next === ',' || next === '}' || next === ']') return this.#tell(start);
    const value = this.#value(depth + 1);
    this.#blanks();
    if (this.#isOver()) return value;
    const isContainer = isObject(value);
    if (isContainer && (this.#peek() === '{' || this.#peek() === '[')) return value;
    this.#garbage(isContainer ? this.#at : start, value !== BROKEN);
    return isContainer ? value : BROKEN;
  }

  #isOver(): boolean {
    const next = this.#peek();
    return next === undefined || next === ',' || next === '}' || next === ']';
  }

  /** Leaves out what is nothing, up to the next comma or bracket; returns it. */
  #garbage(start: number, told = true): string {
    while (!this.#isOver()) {
      const next = this.#peek();
      if (next === '"' || next === "'" || next === '{' || next === '[') {
        // What is inside quotes from here on, and what outside, nobody can tell.
        if (told) this.#tell(start, this.#end);
        const piece = this.#text.slice(start, this.#at);
        this.#cut();
        return piece;
      }
      this.#at += 1;
    }
    if (told) this.#tell(start);
    return this.#text.slice(start, this.#at);
  }

  /** Reads the name of a member, in quotes or not; undefined where none stands. */
  #key(): string | undefined {
    const start = this.#at;
    const quote = this.#peek();
    const key = quote === '"' || quote === "'" ? this.#string(quote, true) : this.#match(KEY) || undefined;
    if (key === undefined) this.#at = start;
    else this.#blanks();
    return key;
  }

  /** Reads a text; undefined where it does not end, or is broken. */
  #string(quote: string, asKey = false): string | undefined {
    let text = '';
    let sound = true;
    let from = this.#at + 1;
    for (let at = from; at < this.#end; at += 1) {
      const character = this.#text[at];
      if (character === quote) {
        text += this.#text.slice(from, at);
        this.#at = at + 1;
        return sound && (asKey || !this.#isDamaged(text)) ? text : undefined;
      }
      if (character !== '\\') continue;
      text += this.#text.slice(from, at);
      const escaped = this.#escape(at + 1);
      if (escaped === undefined) sound = false;
      text += escaped?.text ?? '';
      at = escaped?.last ?? at + 1;
      from = at + 1;
    }
    this.#whole = false;
    this.#at = this.#end;
    return undefined;
  }

  /** Reads what follows a backslash: the text, and its last place. */
  #escape(at: number): { readonly text: string; readonly last: number } | undefined {
    const character = this.#text[at] ?? '';
    if (character !== '' && ITSELF.includes(character)) return { text: character, last: at };
    if (Object.hasOwn(SIMPLE, character)) return { text: SIMPLE[character] ?? '', last: at };
    const digits = character === 'u' ? 4 : 2;
    const code = this.#text.slice(at + 1, at + 1 + digits);
    if (!Object.hasOwn(CODES, character) || CODES[character]?.test(code) !== true) return undefined;
    return { text: String.fromCharCode(Number.parseInt(code, 16)), last: at + digits };
  }

  #isDamaged(text: string): boolean {
    return this.#damaged && isDamaged(text);
  }

  #peek(): string | undefined {
    return this.#at < this.#end ? this.#text[this.#at] : undefined;
  }

  #comma(): void {
    this.#blanks();
    if (this.#peek() === ',') this.#at += 1;
  }

  /** Goes over blanks and control characters; tells whether a line ended. */
  #blanks(): boolean {
    let newLine = false;
    for (; this.#at < this.#end; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      const isBlank =
        (code <= 0x20 && code > 0) || code === 0xa0 || code === 0xfeff || code === 0x2028 || code === 0x2029;
      if (!isBlank) break;
      newLine ||= code === 0x0a || code === 0x0d || code === 0x1e;
    }
    return newLine;
  }

  #endOfLine(): number {
    let at = this.#at;
    while (at < this.#end && !'\n\r'.includes(this.#text[at] ?? '')) at += 1;
    return at;
  }

  #match(expression: RegExp): string {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0] ?? '';
    const within = found.slice(0, this.#end - this.#at);
    this.#at += within.length;
    return within;
  }

  /** Ends reading here, and says why, unless that is known. */
  #stop(why: string): unknown {
    if (this.#whole) this.#note(`${this.#place(this.#at)}: ${why}`);
    this.#cut();
    return BROKEN;
  }

  /** Ends reading here: what goes on belongs to nothing that is known. */
  #cut(): void {
    this.#whole = false;
    this.#end = this.#at;
  }

  #breakFrom(start: number, end: number): unknown {
    this.#at = end;
    return this.#tell(start);
  }

  /** Tells a place that cannot be read, from `start` up to where reading stands. */
  #tell(start: number, end = this.#at): unknown {
    const piece = this.#text.slice(start, Math.min(end, start + SHOWN));
    this.#note(`${this.#place(start)}: ${JSON.stringify(piece)}`);
    return BROKEN;
  }

  #place(at: number): string {
    return [...(this.#path.length === 0 ? [] : [this.#path.join('.')]), `character ${at + 1}`].join(' at ');
  }

  #note(text: string): void {
    if (this.#broken.length < MAX_TOLD) this.#broken.push(text);
    else this.#untold += 1;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && value !== BROKEN;
}

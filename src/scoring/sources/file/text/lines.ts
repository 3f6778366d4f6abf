import { readText } from './text.ts';

/** A line without its line end; undefined for one that was longer than the limit. */
export type Line = string | undefined;

const FEED = '\n';
const RETURN = /\r\n|\n|\r/;

/** Finds what ends the lines of a text: a return alone where the first line has no feed; undefined where none ends. */
function endOf(text: string): typeof FEED | typeof RETURN | undefined {
  const first = /\r?\n|\r/.exec(text)?.[0];
  if (first === undefined) return undefined;
  return first === '\r' ? RETURN : FEED;
}

/** Whether a line is a row: one that is blank is none. */
export function isRow(line: Line): boolean {
  return line === undefined || line.trim() !== '';
}

/** Cuts chunks of text into lines, keeping at most one unfinished line of `maxLine` characters. */
export class LineCutter {
  readonly #maxLine: number;
  #rest = '';
  #overflow = false;
  /** A return at the end of the chunk before. */
  #carry = '';
  /** What ends lines, once one was seen. */
  #end: typeof FEED | typeof RETURN | undefined;

  constructor(maxLine: number) {
    this.#maxLine = maxLine;
  }

  /** Takes a chunk of text; returns the lines that it ends. */
  cut(chunk: string): Line[] {
    let text = this.#carry + chunk;
    this.#carry = '';
    // Whether a return at the end of the chunk has a feed behind it shows with the next one.
    if (text.endsWith('\r')) {
      text = text.slice(0, -1);
      this.#carry = '\r';
    }
    this.#end ??= endOf(text);
    const pieces: Line[] = text.split(this.#end ?? '\n');
    const last = pieces.pop() ?? '';
    if (pieces.length > 0) {
      pieces[0] = this.#overflow ? undefined : this.#rest + (pieces[0] ?? '');
      this.#rest = '';
      this.#overflow = false;
    }
    if (this.#rest.length + last.length > this.#maxLine) this.#overflow = true;
    this.#rest = this.#overflow ? '' : this.#rest + last;
    return pieces.map((line) => this.#finish(line));
  }

  /** Gives what stands after the last line end. */
  end(): Line[] {
    const lines = this.#carry === '' ? [] : this.cut('\n');
    if (!this.#overflow && this.#rest === '') return lines;
    return [...lines, this.#overflow ? undefined : this.#finish(this.#rest)];
  }

  #finish(line: Line): Line {
    if (line === undefined || line.length > this.#maxLine) return undefined;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }
}

/** How the lines of a file are read. */
export interface LineForm {
  readonly maxLine: number;
  /** As TextDecoder names it. */
  readonly encoding?: string | undefined;
}

/**
 * Reads the lines of a text file, some at a time; a line of more than `maxLine` characters is not kept. Throws what
 * `readText` throws.
 */
export async function* readLines(path: string, { maxLine, encoding }: LineForm): AsyncGenerator<Line[]> {
  const cutter = new LineCutter(maxLine);
  for await (const text of readText(path, encoding)) {
    const lines = cutter.cut(text);
    if (lines.length > 0) yield lines;
  }
  const lines = cutter.end();
  if (lines.length > 0) yield lines;
}

/** Gives the lines of a file one by one; blank ones count in the middle and not at the end. */
export class LineCursor {
  readonly #batches: AsyncGenerator<Line[]>;
  #lines: Line[] = [];
  #next = 0;
  #blank = 0;
  #held: { line: Line } | undefined;

  constructor(batches: AsyncGenerator<Line[]>) {
    this.#batches = batches;
  }

  /** Gives the next line; undefined at the end. */
  async next(): Promise<{ line: Line } | undefined> {
    while (this.#held === undefined) {
      if (this.#next >= this.#lines.length) {
        const batch = await this.#batches.next();
        if (batch.done === true) return undefined;
        this.#lines = batch.value;
        this.#next = 0;
        continue;
      }
      const line = this.#lines[this.#next++];
      if (line?.trim() === '') this.#blank += 1;
      else this.#held = { line };
    }
    if (this.#blank > 0) {
      this.#blank -= 1;
      return { line: '' };
    }
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }
}

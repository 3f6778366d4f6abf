import { openBytes } from './bytes.ts';

/** A line without its line end; undefined for one that was longer than the limit. */
export type Line = string | undefined;

/** Cuts chunks of text into lines, keeping at most one unfinished line of `maxLine` characters. */
export class LineCutter {
  readonly #maxLine: number;
  #rest = '';
  #overflow = false;

  constructor(maxLine: number) {
    this.#maxLine = maxLine;
  }

  /** Takes a chunk of text; returns the lines that it ends. */
  cut(text: string): Line[] {
    const pieces: Line[] = text.split('\n');
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
    if (!this.#overflow && this.#rest === '') return [];
    return [this.#overflow ? undefined : this.#finish(this.#rest)];
  }

  #finish(line: Line): Line {
    if (line === undefined || line.length > this.#maxLine) return undefined;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }
}

/**
 * Reads the lines of a text file (UTF-8, gzip or not), some at a time; a line of more than `maxLine` characters is not
 * kept. Throws what reading or unpacking throws.
 */
export async function* readLines(path: string, maxLine: number): AsyncGenerator<Line[]> {
  const stream = await openBytes(path);
  // The decoder drops a byte order mark.
  const decoder = new TextDecoder('utf-8');
  const cutter = new LineCutter(maxLine);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      const lines = cutter.cut(decoder.decode(chunk, { stream: true }));
      if (lines.length > 0) yield lines;
    }
    const lines = [...cutter.cut(decoder.decode()), ...cutter.end()];
    if (lines.length > 0) yield lines;
  } finally {
    stream.destroy();
  }
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

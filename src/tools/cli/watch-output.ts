import {
  ClockCorrections,
  type Delivery,
  type Described,
  describeRange,
  describeRecord,
  describeStatus,
  describeTime,
  type FollowListener,
  type FollowTarget,
  shortBoot,
  totalsOf,
  type WatchedBook,
} from '../../center/operator/index.ts';
import { isRecordType, printable, type RecordType } from '../../common/core/index.ts';
import type { StatusMessage } from '../../common/protocol/index.ts';
import { type Io, paint, writeError, writeKept, writeLine } from './io.ts';

/** What `watch` shows, and of which device. */
export interface WatchOutputOptions {
  readonly json: boolean;
  /** Types that are shown; all where it is undefined. */
  readonly types: ReadonlySet<RecordType> | undefined;
  readonly target: FollowTarget;
  /** Called where records cannot be written, the reader of stdout being gone or its disk full. */
  readonly onLost: (error: unknown) => void;
}

/** Writes what a follower hears. */
export interface WatchOutput extends FollowListener {
  /** The connection stands: from now on there are books to show. */
  watching(books: () => readonly WatchedBook[]): void;
  books(books: readonly WatchedBook[]): Promise<void>;
}

/** Makes an output of JSON lines, or of text for a person. */
export function createWatchOutput(io: Io, options: WatchOutputOptions): WatchOutput {
  return options.json ? new JsonOutput(io, options) : new TextOutput(io, options);
}

function wanted({ record }: Delivery, { types }: WatchOutputOptions): boolean {
  return types === undefined || (types as ReadonlySet<string>).has(record.type);
}

/**
 * Writes the lines of records, and waits for a reader that is slower than the broker: that holds the broker back. Never
 * resolves where they cannot be written, since nothing may follow from it; `onLost` is told why.
 */
async function keep(io: Io, lines: readonly string[], onLost: WatchOutputOptions['onLost']): Promise<void> {
  if (lines.length === 0) return;
  try {
    await writeKept(io, lines.join('\n'));
  } catch (error) {
    onLost(error);
    await new Promise(() => {});
  }
}

class JsonOutput implements WatchOutput {
  readonly #io: Io;
  readonly #options: WatchOutputOptions;

  constructor(io: Io, options: WatchOutputOptions) {
    this.#io = io;
    this.#options = options;
  }

  async records(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    const { site, device } = this.#options.target;
    const kept = deliveries.filter((delivery) => wanted(delivery, this.#options));
    const lines = kept.map(({ boot, record, duplicate }) =>
      JSON.stringify({ site, device, boot, ...record, ...(duplicate ? { duplicate } : {}) }),
    );
    await keep(this.#io, lines, this.#options.onLost);
    return kept;
  }

  status(status: StatusMessage): void {
    this.#event({ event: 'status', ...status });
  }

  refused(topic: string, error: Error): void {
    this.#event({ event: 'refused', topic, reason: error.message });
  }

  connection(online: boolean, reason: string | undefined): void {
    this.#event({ event: 'connection', online, reason });
  }

  watching(): void {}

  async books(books: readonly WatchedBook[]): Promise<void> {
    for (const book of books) this.#event({ event: 'books', ...book });
  }

  #event(event: object): void {
    writeError(this.#io, `${JSON.stringify(event)}\n`);
  }
}

function describeTotals(books: readonly WatchedBook[]): string {
  const { received, duplicates, lost, missing } = totalsOf(books);
  return `received ${received}, duplicates ${duplicates}, lost ${lost}, missing ${missing}`;
}

const STYLES = { plain: 'reset', good: 'green', warning: 'yellow', bad: 'red' } as const;
const TYPE_WIDTH = 10;
const NAME_WIDTH = 12;

class TextOutput implements WatchOutput {
  readonly #io: Io;
  readonly #options: WatchOutputOptions;
  #books: () => readonly WatchedBook[] = () => [];
  readonly #corrections = new ClockCorrections();
  #state = 'nothing heard yet';

  constructor(io: Io, options: WatchOutputOptions) {
    this.#io = io;
    this.#options = options;
  }

  async records(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    for (const { record } of deliveries) this.#corrections.note(record);
    const shown = deliveries.filter((delivery) => wanted(delivery, this.#options));
    const lines = shown
      .filter(({ duplicate }) => !duplicate)
      .map(({ boot, record }) => this.#line(describeRecord(record, this.#corrections.offsetOf(boot, record))));
    this.#clearStatusLine();
    const written = keep(this.#io, lines, this.#options.onLost);
    this.#showStatusLine();
    await written;
    // A line that says that a type is not known keeps nothing of the record.
    return shown.filter(({ record }) => isRecordType(record.type));
  }

  status(status: StatusMessage): void {
    this.#state = status.online ? 'online' : 'offline';
    const tone = status.online ? 'good' : 'warning';
    const time = describeTime(status.at);
    this.#say({ time, type: 'status', pipeline: '-', asset: '-', text: describeStatus(status), tone });
  }

  refused(topic: string, error: Error): void {
    void this.#write([paint(this.#io, 'yellow', printable(`${topic}: left out, ${error.message}`))]);
  }

  connection(online: boolean, reason: string | undefined): void {
    if (online) return;
    void this.#write([paint(this.#io, 'yellow', printable(`connection to the broker: ${reason ?? 'closed'}`))]);
  }

  watching(books: () => readonly WatchedBook[]): void {
    this.#books = books;
    const { site, device, url } = this.#options.target;
    const broker = new URL(url).host;
    void this.#write([paint(this.#io, 'bold', `watching ${site}/${device} at ${broker}`)]);
  }

  async books(books: readonly WatchedBook[]): Promise<void> {
    const lines = books.map((book) => {
      const holes =
        book.missing.length === 0 ? 'nothing missing' : `missing ${book.missing.map(describeRange).join(', ')}`;
      return `  boot ${shortBoot(book.boot)}: received ${book.received}, up to seq ${book.highest}, ${holes}`;
    });
    this.#clearStatusLine();
    const style = totalsOf(books).missing > 0 ? 'yellow' : 'green';
    await writeLine(this.#io, [paint(this.#io, style, describeTotals(books)), ...lines].join('\n'));
  }

  #say(described: Described): void {
    void this.#write([this.#line(described)]);
  }

  #line({ time, type, pipeline, asset, text, tone }: Described): string {
    const head = [type.padEnd(TYPE_WIDTH), pipeline.padEnd(NAME_WIDTH), asset.padEnd(NAME_WIDTH)].join(' ');
    return `${paint(this.#io, 'dim', time)}  ${head} ${paint(this.#io, STYLES[tone], text)}`;
  }

  /** Keeps the books so far in the last line of a terminal. */
  async #write(lines: readonly string[]): Promise<void> {
    this.#clearStatusLine();
    const written = writeLine(this.#io, lines.join('\n'));
    this.#showStatusLine();
    await written;
  }

  #showStatusLine(): void {
    if (!this.#io.stdout.isTTY) return;
    const { site, device } = this.#options.target;
    const line = ` ${site}/${device} ${this.#state}: ${describeTotals(this.#books())} `;
    this.#io.stdout.write(paint(this.#io, 'inverse', line));
  }

  #clearStatusLine(): void {
    if (this.#io.stdout.isTTY) this.#io.stdout.write('\r\x1b[K');
  }
}

import { type Reading, reasonOf } from '../../common/core/index.ts';
import type { RejectReason, Source, SourceSink } from '../../scoring/sources/index.ts';

/** Readings of one recording that are held for the others; beyond it the recording waits. */
export const MAX_HELD = 256;

/** What a recording gives, held until it is its turn. */
class Held implements SourceSink {
  readonly #sink: SourceSink;
  readonly #changed: () => void;
  #readings: Reading[] = [];
  #next = 0;
  #ended = false;
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(sink: SourceSink, changed: () => void) {
    this.#sink = sink;
    this.#changed = changed;
  }

  /** The reading whose turn is next. */
  get head(): Reading | undefined {
    return this.#readings[this.#next];
  }

  /** Whether it has to be waited for before anything can be said of its next reading. */
  get isOpen(): boolean {
    return !this.#ended && this.head === undefined;
  }

  /** Takes the head away. */
  shift(): void {
    this.#next += 1;
    if (this.head !== undefined) return;
    this.#readings = [];
    this.#next = 0;
    this.#room?.resolve();
    this.#room = undefined;
  }

  push(reading: Reading): void {
    this.#readings.push(reading);
    this.#changed();
  }

  reject(reason: RejectReason, detail: string): void {
    this.#sink.reject(reason, detail);
  }

  credit(): Promise<void> | undefined {
    if (this.#readings.length < MAX_HELD) return undefined;
    if (this.#room === undefined) {
      let resolve: () => void = () => undefined;
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.#room = { promise, resolve };
    }
    return this.#room.promise;
  }

  end(): void {
    this.#ended = true;
    this.#changed();
  }
}

/**
 * Reads several recordings of one source side by side: the reading with the earliest event time comes first, and of
 * several with the same time that of the recording given first. The readings of each keep their order. Throws what
 * opening one throws; who called stops the sources.
 */
export async function readMerged(sources: readonly Source[], sink: SourceSink): Promise<void> {
  let changed: () => void = () => undefined;
  const held = sources.map(() => new Held(sink, () => changed()));
  for (const [i, source] of sources.entries()) await source.start(held[i] ?? sink);
  for (;;) {
    while (held.some(({ isOpen }) => isOpen)) {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
    const first = earliest(held);
    if (first?.head === undefined) break;
    for (let credit = sink.credit(); credit !== undefined; credit = sink.credit()) await credit;
    pushTo(sink, first.head);
    first.shift();
  }
  sink.end();
}

function earliest(held: readonly Held[]): Held | undefined {
  let first: Held | undefined;
  for (const one of held) {
    if (one.head !== undefined && (first?.head === undefined || one.head.t < first.head.t)) first = one;
  }
  return first;
}

function pushTo(sink: SourceSink, reading: Reading): void {
  try {
    sink.push(reading);
  } catch (error) {
    sink.reject('failed', `${reading.asset} at ${reading.t}: ${reasonOf(error)}`);
  }
}

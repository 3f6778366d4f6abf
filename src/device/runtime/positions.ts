import { isUpTo, opensIn } from '../../scoring/sources/index.ts';
import type { SourcePosition } from '../../storage/outbox/index.ts';
import type { Config } from '../config/index.ts';
import { Progress } from './progress.ts';

interface Tracked {
  readonly name: string;
  readonly progress: Progress;
  /** Position at which this start went on. */
  readonly resumedFrom: string | undefined;
}

/** A source, where it goes on, and whether what the readings up to a position give is committed. */
export interface TrackedSource {
  readonly name: string;
  readonly resumedFrom?: string | undefined;
  readonly isCommitted?: ((position: string) => boolean) | undefined;
}

/** Sources that can be told apart by the numbers of their readings. */
const SLOTS = 4_096;

/**
 * How far each source has been read, and up to where everything that its readings gave is decided. A reading's number says
 * which source it is from: its remainder by the number of slots is the source's slot.
 */
export class Positions {
  readonly #tracked = new Map<number, Tracked>();
  #rounds = 0;
  #lastSlot = -1;

  constructor(sources: readonly TrackedSource[]) {
    for (const source of sources) this.track(source);
  }

  /** Tracks a source from where it goes on; one of the same name is not tracked any more. */
  track({ name, resumedFrom, isCommitted }: TrackedSource): void {
    this.untrack(name);
    const slot = this.#freeSlot();
    this.#lastSlot = slot;
    this.#tracked.set(slot, { name, resumedFrom, progress: new Progress(() => this.#number(slot), isCommitted) });
  }

  /** Forgets a source: nobody reads it any more. */
  untrack(name: string): void {
    for (const [slot, tracked] of this.#tracked) if (tracked.name === name) this.#tracked.delete(slot);
  }

  /** The progress of one source. */
  of(source: string): { readonly progress: Progress; readonly resumedFrom: string | undefined } {
    const found = [...this.#tracked.values()].find(({ name }) => name === source);
    if (!found) throw new TypeError(`no position is kept of ${source}`);
    return found;
  }

  /** A window that this reading closed is decided. */
  decided(readingNumber: number): void {
    this.#of(readingNumber)?.decided(readingNumber);
  }

  /** Whether what this reading gives was committed before this start. */
  wasCommitted(readingNumber: number): boolean {
    return this.#of(readingNumber)?.wasCommitted(readingNumber) ?? false;
  }

  /** The positions that moved since the last call. */
  take(): SourcePosition[] {
    return [...this.#tracked.values()].flatMap(({ name, progress }) => {
      const position = progress.take();
      return position === undefined ? [] : [{ source: name, position }];
    });
  }

  /** How far each source has been read, decided or not. */
  read(): Record<string, string> {
    const known = [...this.#tracked.values()].flatMap(({ name, progress, resumedFrom }) => {
      const position = progress.position ?? resumedFrom;
      return position === undefined ? [] : [[name, position] as const];
    });
    return Object.fromEntries(known);
  }

  /** The next free slot: what was read of a source that is gone is not taken for another's. */
  #freeSlot(): number {
    for (let slot = this.#lastSlot + 1; slot <= this.#lastSlot + SLOTS; slot += 1) {
      if (!this.#tracked.has(slot % SLOTS)) return slot % SLOTS;
    }
    throw new RangeError(`more than ${SLOTS} sources`);
  }

  #number(slot: number): number {
    this.#rounds += 1;
    return this.#rounds * SLOTS + slot;
  }

  #of(readingNumber: number): Progress | undefined {
    return this.#tracked.get(readingNumber % SLOTS)?.progress;
  }
}

/**
 * Tracks the sources that `run` opens.
 * @param resumed where each goes on
 * @param committed up to where what their readings gave is committed; it may be ahead of where they go on
 */
export function trackSources(
  { sources }: Config,
  resumed: Readonly<Record<string, string>>,
  committed: Readonly<Record<string, string>>,
): Positions {
  const opened = Object.entries(sources).filter(([, source]) => opensIn(source, 'run'));
  return new Positions(
    opened.map(([name, source]) => {
      const until = committed[name];
      return {
        name,
        resumedFrom: resumed[name],
        isCommitted: until === undefined ? undefined : (position) => isUpTo(source, position, until),
      };
    }),
  );
}

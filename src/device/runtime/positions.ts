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

/**
 * How far each source has been read, and up to where everything that its readings gave is decided. A reading's number says
 * which source it is from: its remainder by the number of sources.
 */
export class Positions {
  readonly #tracked: readonly Tracked[];
  #rounds = 0;

  /**
   * @param sources each with where this start goes on, and whether what the readings up to a position give is committed
   */
  constructor(
    sources: readonly {
      readonly name: string;
      readonly resumedFrom?: string | undefined;
      readonly isCommitted?: ((position: string) => boolean) | undefined;
    }[],
  ) {
    this.#tracked = sources.map(({ name, resumedFrom, isCommitted }, index) => ({
      name,
      resumedFrom,
      progress: new Progress(() => this.#number(index), isCommitted),
    }));
  }

  /** The progress of one source. */
  of(source: string): { readonly progress: Progress; readonly resumedFrom: string | undefined } {
    const found = this.#tracked.find(({ name }) => name === source);
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
    return this.#tracked.flatMap(({ name, progress }) => {
      const position = progress.take();
      return position === undefined ? [] : [{ source: name, position }];
    });
  }

  /** How far each source has been read, decided or not. */
  read(): Record<string, string> {
    const known = this.#tracked.flatMap(({ name, progress, resumedFrom }) => {
      const position = progress.position ?? resumedFrom;
      return position === undefined ? [] : [[name, position] as const];
    });
    return Object.fromEntries(known);
  }

  #number(index: number): number {
    this.#rounds += 1;
    return this.#rounds * this.#tracked.length + index;
  }

  #of(readingNumber: number): Progress | undefined {
    return this.#tracked[readingNumber % this.#tracked.length]?.progress;
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

interface Step {
  readonly readingNumber: number;
  /** Position of the reading before this one. */
  readonly before: string | undefined;
  readonly beforeCommitted: boolean;
  /** Whether what the reading gives was committed before this start. */
  readonly committed: boolean;
  open: number;
  /** Windows may be decided while the reading is still being pushed. */
  pushed: boolean;
}

/**
 * How far a source has been worked off: the newest position up to which every window that its readings closed
 * has been decided. Stored with the records it covers, it lets the source go on exactly there. Pure.
 */
export class Progress {
  readonly #nextNumber: () => number;
  #readingNumber = 0;
  #tracked = false;
  #last: string | undefined;
  #steps: Step[] = [];
  #lastCommitted = false;
  #reported: string | undefined;
  #isCommitted: ((position: string) => boolean) | undefined;

  /**
   * `nextNumber` names one reading of the gateway. `isCommitted`: whether what the readings up to a position give is
   * committed; asked until one is beyond that.
   */
  constructor(nextNumber: () => number, isCommitted?: (position: string) => boolean) {
    this.#nextNumber = nextNumber;
    this.#isCommitted = isCommitted;
  }

  /** Position of the newest reading; undefined before the first, and for a source that has none. */
  get position(): string | undefined {
    return this.#last;
  }

  /** Registers the next reading, open until `pushed`; returns its number, 0 for one without a position. */
  begin(position: string | undefined): number {
    this.#tracked = position !== undefined;
    if (position === undefined) return 0;
    this.#readingNumber = this.#nextNumber();
    const committed = this.#isCommitted?.(position) ?? false;
    if (!committed) this.#isCommitted = undefined;
    const [before, beforeCommitted] = [this.#last, this.#lastCommitted];
    this.#steps.push({
      readingNumber: this.#readingNumber,
      before,
      beforeCommitted,
      committed,
      open: 0,
      pushed: false,
    });
    this.#last = position;
    this.#lastCommitted = committed;
    return this.#readingNumber;
  }

  /** Other readings come than those that were committed. */
  forget(): void {
    this.#isCommitted = undefined;
  }

  /** Whether what the reading gives was committed before this start. */
  wasCommitted(readingNumber: number): boolean {
    return this.#steps.find((step) => step.readingNumber === readingNumber)?.committed ?? false;
  }

  /** Registers the end of the input: what it closes counts as closed by the last reading. */
  beginEnd(): number {
    return this.begin(this.#last);
  }

  /** The pipelines took the reading registered last; it closed so many windows. */
  pushed(windows: number): void {
    const step = this.#tracked ? this.#steps.at(-1) : undefined;
    if (step) {
      step.open += windows;
      step.pushed = true;
    }
    this.#settle();
  }

  /** One window that the reading closed is decided. */
  decided(readingNumber: number): void {
    const step = this.#steps.find((candidate) => candidate.readingNumber === readingNumber);
    if (step) step.open -= 1;
    this.#settle();
  }

  /** The position reached, if it moved since the last call; none that is committed already, or it would go back. */
  take(): string | undefined {
    const [step] = this.#steps;
    const reached = step ? step.before : this.#last;
    if (reached === this.#reported || (step ? step.beforeCommitted : this.#lastCommitted)) return undefined;
    this.#reported = reached;
    return reached;
  }

  #settle(): void {
    for (let step = this.#steps[0]; step?.pushed && step.open === 0; step = this.#steps[0]) this.#steps.shift();
  }
}

interface Step {
  readonly cause: number;
  /** Position of the reading before this one. */
  readonly before: string | undefined;
  readonly beforeTold: boolean;
  /** What it gives was committed before this start. */
  readonly told: boolean;
  open: number;
  /** Windows may be decided while the reading is still being pushed. */
  pushed: boolean;
}

/**
 * How far a source has been worked off: the newest position up to which every window that its readings closed
 * has been decided. Stored with the records it covers, it lets the source go on exactly there. Pure.
 */
export class Progress {
  readonly #nextCause: () => number;
  #cause = 0;
  #tracked = false;
  #last: string | undefined;
  #steps: Step[] = [];
  #lastTold = false;
  #reported: string | undefined;
  #isTold: ((position: string) => boolean) | undefined;

  /**
   * `nextCause` is shared by all sources of a gateway, so that a cause names one reading. `isTold`: whether what the
   * readings up to a position give is committed; asked until one is beyond that.
   */
  constructor(nextCause: () => number, isTold?: (position: string) => boolean) {
    this.#nextCause = nextCause;
    this.#isTold = isTold;
  }

  /** Of the newest reading; undefined before the first, and of a source that has none. */
  get position(): string | undefined {
    return this.#last;
  }

  /** Registers the next reading, open until `pushed`; returns its cause, 0 for one without a position. */
  begin(position: string | undefined): number {
    this.#tracked = position !== undefined;
    if (position === undefined) return 0;
    this.#cause = this.#nextCause();
    const told = this.#isTold?.(position) ?? false;
    if (!told) this.#isTold = undefined;
    const [before, beforeTold] = [this.#last, this.#lastTold];
    this.#steps.push({ cause: this.#cause, before, beforeTold, told, open: 0, pushed: false });
    this.#last = position;
    this.#lastTold = told;
    return this.#cause;
  }

  /** Other readings come than those that were told. */
  forget(): void {
    this.#isTold = undefined;
  }

  /** Whether what the reading of this cause gives was committed before this start. */
  wasTold(cause: number): boolean {
    return this.#steps.find((step) => step.cause === cause)?.told ?? false;
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

  /** One window that the reading of this cause closed is decided. */
  decided(cause: number): void {
    const step = this.#steps.find((candidate) => candidate.cause === cause);
    if (step) step.open -= 1;
    this.#settle();
  }

  /** The position reached, if it moved since the last call; none that is committed already, or it would go back. */
  take(): string | undefined {
    const [step] = this.#steps;
    const reached = step ? step.before : this.#last;
    if (reached === this.#reported || (step ? step.beforeTold : this.#lastTold)) return undefined;
    this.#reported = reached;
    return reached;
  }

  #settle(): void {
    for (let step = this.#steps[0]; step?.pushed && step.open === 0; step = this.#steps[0]) this.#steps.shift();
  }
}

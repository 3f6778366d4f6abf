interface Turn {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * The places of the broker's Receive Maximum, which all messages of QoS 1 share: what finds none waits for its turn, in
 * order. Whoever sends bounds what waits.
 */
export class SendQuota {
  readonly #waiting: Turn[] = [];
  #free: number;
  #over: Error | undefined;

  constructor(receiveMaximum: number) {
    this.#free = receiveMaximum;
  }

  /** Takes a place: at once where it returns undefined, else when the promise resolves. Rejects at the end. */
  take(): Promise<void> | undefined {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    if (this.#free > 0) {
      this.#free -= 1;
      return undefined;
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Gives a place back. */
  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next.resolve();
  }

  /** Rejects what waits, and what comes. */
  end(error: Error): void {
    this.#over = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

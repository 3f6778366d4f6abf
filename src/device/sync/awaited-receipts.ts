/** How long receipts may take, and how much may await them. */
export interface ReceiptOptions {
  /** The time, in ms, without any receipt after which what was sent is offered again. */
  readonly timeout: number;
  /** The longest timeout, in ms, up to which it doubles while no receipt comes at all. */
  readonly longest: number;
  /** The time, in ms, for receipts that the broker kept for us, before a new connection sends again. */
  readonly grace: number;
  /** Most batches, records and bytes (as sent) that may await receipts. Urgent batches have some more. */
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
}

/** How much awaits receipts; bytes are those that were sent. */
export interface Amount {
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
}

interface Sent {
  readonly records: number;
  readonly bytes: number;
  readonly at: number;
}

/** The share of these bounds that urgent batches may take. */
const URGENT_SHARE = 1.25;

/** The batches that the broker has and whose receipts are still to come. Pure: time (monotonic ms) is an argument. */
export class AwaitedReceipts {
  readonly #options: ReceiptOptions;
  /** The batches in the order in which they were sent. */
  #sent = new Map<number, Sent>();
  #records = 0;
  #bytes = 0;
  #timeout: number;

  constructor(options: ReceiptOptions) {
    this.#options = options;
    this.#timeout = options.timeout;
  }

  /** How much awaits receipts. */
  get amount(): Amount {
    return { batches: this.#sent.size, records: this.#records, bytes: this.#bytes };
  }

  /** Tells whether another batch may be sent. */
  hasRoom(urgent: boolean): boolean {
    const share = urgent ? URGENT_SHARE : 1;
    const { batches, records, bytes } = this.#options;
    return this.#sent.size < batches * share && this.#records < records * share && this.#bytes < bytes * share;
  }

  /** The time at which `expired` has something to give. */
  get dueAt(): number | undefined {
    const [oldest] = this.#sent.values();
    return oldest === undefined ? undefined : oldest.at + this.#timeout;
  }

  /** Notes that the broker has a batch since `now`. */
  add(id: number, { records, bytes }: Omit<Sent, 'at'>, now: number): void {
    this.#sent.set(id, { records, bytes, at: now });
    this.#records += records;
    this.#bytes += bytes;
  }

  /** Forgets a batch; returns false for one that is not awaited. */
  remove(id: number): boolean {
    const sent = this.#sent.get(id);
    if (sent === undefined) return false;
    this.#sent.delete(id);
    this.#records -= sent.records;
    this.#bytes -= sent.bytes;
    return true;
  }

  /** Notes that somebody is there and confirms: the timeout is the first one again. */
  progress(): void {
    this.#timeout = this.#options.timeout;
  }

  /** Returns the batches whose receipts did not come in time; they are no longer awaited. */
  expired(now: number): number[] {
    const ids: number[] = [];
    for (const [id, { at }] of this.#sent) {
      if (at + this.#timeout > now) break;
      ids.push(id);
    }
    if (ids.length === 0) return ids;
    for (const id of ids) this.remove(id);
    this.#timeout = Math.min(this.#options.longest, this.#timeout * 2);
    return ids;
  }

  /**
   * Makes everything due after a moment for receipts that are on their way: the broker may have forgotten what it had.
   */
  reconnected(now: number): void {
    this.#timeout = this.#options.timeout;
    const at = now + this.#options.grace - this.#timeout;
    this.#sent = new Map(Array.from(this.#sent, ([id, sent]) => [id, { ...sent, at }]));
  }
}

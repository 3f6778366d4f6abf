export interface ReceiptOptions {
  /** ms without any receipt after which what was sent is offered again. */
  readonly timeout: number;
  /** ms; the timeout doubles up to this while no receipt comes at all. */
  readonly longest: number;
  /** ms for receipts that the broker kept for us, before a new connection sends again. */
  readonly grace: number;
  /** Most that may await receipts: batches, records, bytes as sent. Urgent batches have some more. */
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
}

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

/** What urgent batches may take of the bound beyond the others. */
const URGENT_SHARE = 1.25;

/** Batches that the broker has and whose receipts are still to come. Time (monotonic ms) is an argument. */
export class AwaitedReceipts {
  readonly #options: ReceiptOptions;
  /** In the order in which they were sent. */
  #sent = new Map<number, Sent>();
  #records = 0;
  #bytes = 0;
  #timeout: number;

  constructor(options: ReceiptOptions) {
    this.#options = options;
    this.#timeout = options.timeout;
  }

  get amount(): Amount {
    return { batches: this.#sent.size, records: this.#records, bytes: this.#bytes };
  }

  hasRoom(urgent: boolean): boolean {
    const share = urgent ? URGENT_SHARE : 1;
    const { batches, records, bytes } = this.#options;
    return this.#sent.size < batches * share && this.#records < records * share && this.#bytes < bytes * share;
  }

  /** When `expired` has something to give. */
  get dueAt(): number | undefined {
    const [oldest] = this.#sent.values();
    return oldest === undefined ? undefined : oldest.at + this.#timeout;
  }

  add(id: number, { records, bytes }: Omit<Sent, 'at'>, now: number): void {
    this.#sent.set(id, { records, bytes, at: now });
    this.#records += records;
    this.#bytes += bytes;
  }

  /** False for one that is not awaited. */
  remove(id: number): boolean {
    const sent = this.#sent.get(id);
    if (sent === undefined) return false;
    this.#sent.delete(id);
    this.#records -= sent.records;
    this.#bytes -= sent.bytes;
    return true;
  }

  /** Somebody is there and confirms. */
  progress(): void {
    this.#timeout = this.#options.timeout;
  }

  /** Batches whose receipts did not come in time; they are no longer awaited. */
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

  /** The broker may have forgotten what it had: everything is due, after a moment for receipts that are on their way. */
  reconnected(now: number): void {
    this.#timeout = this.#options.timeout;
    const at = now + this.#options.grace - this.#timeout;
    this.#sent = new Map(Array.from(this.#sent, ([id, sent]) => [id, { ...sent, at }]));
  }
}

interface Group {
  records: number;
  /** Monotonic ms at which its first record was given. */
  since: number;
}

/** Counts the records that were given and are not committed, and knows since when. */
export class InMemory {
  readonly #monotonic: () => number;
  /** Groups on their way to the disk, oldest first. */
  readonly #sent: Group[] = [];
  #gathering: Group = { records: 0, since: 0 };
  /** Folded records, of which nobody counts the commit. */
  #folded: Group = { records: 0, since: 0 };
  #foldedSent = false;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** A record is gathered. */
  given(): void {
    this.#add(this.#gathering);
  }

  /** A record is folded, for want of memory. */
  folded(): void {
    this.#add(this.#folded);
    this.#foldedSent = false;
  }

  /** What was gathered is on its way. */
  sent(): void {
    if (this.#gathering.records > 0) this.#sent.push(this.#gathering);
    this.#gathering = { records: 0, since: 0 };
  }

  /** What was folded is on its way. */
  sentFolded(): void {
    this.#foldedSent = true;
  }

  /** So many records are committed, in the order in which they were given; `left` bytes are still on their way. */
  committed(records: number, left: number): void {
    let done = records;
    for (let [first] = this.#sent; first !== undefined && done > 0; [first] = this.#sent) {
      const part = Math.min(done, first.records);
      first.records -= part;
      done -= part;
      if (first.records === 0) this.#sent.shift();
    }
    if (this.#foldedSent && left === 0) this.#folded = { records: 0, since: 0 };
  }

  figures(): { readonly records: number; readonly forMs: number } {
    const groups = [...this.#sent, this.#gathering, this.#folded].filter(({ records }) => records > 0);
    const records = groups.reduce((sum, group) => sum + group.records, 0);
    const since = Math.min(...groups.map((group) => group.since));
    return { records, forMs: records === 0 ? 0 : Math.max(0, this.#monotonic() - since) };
  }

  #add(group: Group): void {
    if (group.records === 0) group.since = this.#monotonic();
    group.records += 1;
  }
}

import type { RowTable } from './row-table.ts';
import { ABSENT } from './types.ts';

/**
 * Finds which open rows make one: beginning with the oldest, those of times within `join` that have no tag in common.
 * A tag that comes again begins the next one. What it finds is final: it looks at no time of which readings may still
 * come, so that the order in which they come makes no difference.
 */
export class RowJoiner {
  readonly #table: RowTable;
  readonly #join: number;
  readonly #taken: Uint8Array;

  /** @param join ms of event time */
  constructor(table: RowTable, join: number) {
    this.#table = table;
    this.#join = join;
    this.#taken = new Uint8Array(table.tags);
  }

  /**
   * Gives how many rows from `first` on make one; 0 while more may belong to it.
   * @param watermark event time before which nothing is to come any more
   * @param closing nothing more is to come at all
   */
  ripe(first: number, watermark: number, closing: boolean): number {
    const table = this.#table;
    const begin = table.time(first);
    const known = closing ? Number.POSITIVE_INFINITY : watermark;
    if (begin > known) return 0;
    this.#taken.fill(0);
    let tags = this.#take(first);
    let row = first + 1;
    while (tags < table.tags && row < table.length && table.time(row) - begin <= this.#join) {
      if (table.time(row) > known) return 0;
      if (this.#repeats(row)) return row - first;
      tags += this.#take(row);
      row += 1;
    }
    return tags === table.tags || known - begin > this.#join ? row - first : 0;
  }

  #repeats(row: number): boolean {
    const { status } = this.#table;
    return this.#taken.some((taken, tag) => taken === 1 && (status[tag] as Uint32Array)[row] !== ABSENT);
  }

  #take(row: number): number {
    const { status } = this.#table;
    let tags = 0;
    for (let tag = 0; tag < status.length; tag += 1) {
      if ((status[tag] as Uint32Array)[row] === ABSENT) continue;
      this.#taken[tag] = 1;
      tags += 1;
    }
    return tags;
  }
}

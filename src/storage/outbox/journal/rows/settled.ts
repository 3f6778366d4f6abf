import type { Statement, Store } from '../../../../common/store/index.ts';
import { checkRow, rowChecksum } from './checksum.ts';
import { type IdRange, IdRanges, type RangeChange } from './id-ranges.ts';

/**
 * The table `settled`: ids whose fate is decided (confirmed or dead) and whose rows are still kept. The value of a
 * range is when that was, ms since the epoch. A waiting urgent row may lie inside a range: the lanes drain apart from
 * each other.
 */
export class Settled {
  readonly ranges = new IdRanges();
  readonly #path: string;
  readonly #select: Statement<[], [number, number, number, number | null]>;
  readonly #insert: Statement<[number, number, number, number]>;
  readonly #remove: Statement<[number]>;

  constructor(store: Store) {
    this.#path = store.path;
    this.#select = store.prepare<[], [number, number, number, number | null]>(
      'SELECT first, last, at, crc FROM settled ORDER BY first',
      'array',
    );
    this.#insert = store.prepare<[number, number, number, number]>(
      'INSERT INTO settled (first, last, at, crc) VALUES (?, ?, ?, ?)',
    );
    this.#remove = store.prepare<[number]>('DELETE FROM settled WHERE first = ?');
  }

  load(): void {
    this.ranges.clear();
    for (const [first, last, at, crc] of this.#select.all()) {
      checkRow(this.#path, 'settled', [first, last, at], crc);
      this.ranges.set(first, last, at);
    }
  }

  add(first: number, last: number, at: number): void {
    this.#write(this.ranges.set(first, last, at));
  }

  delete(first: number, last: number): void {
    this.#write(this.ranges.delete(first, last));
  }

  /**
   * The lowest range with rows older than `newestId` that was settled by `at`. A range settled after `future` counts,
   * too: the clock has been put back since.
   */
  due(at: number, future: number, newestId: number): IdRange | undefined {
    return this.ranges.all.find(({ first, value }) => first < newestId && (value <= at || value > future));
  }

  #write({ removed, added }: RangeChange): void {
    for (const first of removed) this.#remove.run(first);
    for (const { first, last, value } of added) {
      this.#insert.run(first, last, value, rowChecksum('settled', first, last, value));
    }
  }
}

import type { Statement, Store } from '../../../../common/store/index.ts';
import { bootSeed, checkRow, rowChecksum } from './checksum.ts';

/** One start of a gateway. */
export interface Boot {
  /** Random name, 128 bits in hex. */
  readonly id: string;
  /** Id of its first record, whose seq is 1. */
  readonly firstId: number;
  /** Whether it stopped in order. */
  readonly ended: boolean;
  /** Seed of the checksums of its records. */
  readonly seed: number;
}

/** The table `boot`: every boot that still has records. The last one is the present one. */
export class Boots {
  readonly #selectAll: Statement<[], [number, string, number, number | null]>;
  readonly #insert: Statement<[number, string, number, number]>;
  readonly #markEnded: Statement<[number, number]>;
  readonly #removeUpTo: Statement<[number]>;
  readonly #path: string;
  #list: Boot[] = [];

  constructor(store: Store) {
    this.#path = store.path;
    this.#selectAll = store.prepare<[], [number, string, number, number | null]>(
      'SELECT first_id, boot, ended, crc FROM boot ORDER BY first_id',
      'array',
    );
    this.#insert = store.prepare<[number, string, number, number]>(
      'INSERT INTO boot (first_id, boot, ended, crc) VALUES (?, ?, ?, ?)',
    );
    this.#markEnded = store.prepare<[number, number]>('UPDATE boot SET ended = 1, crc = ? WHERE first_id = ?');
    this.#removeUpTo = store.prepare<[number]>('DELETE FROM boot WHERE first_id <= ?');
  }

  load(): void {
    this.#list = this.#selectAll.all().map(([firstId, id, ended, crc]) => {
      checkRow(this.#path, 'boot', [firstId, id, ended], crc);
      return { firstId, id, ended: ended === 1, seed: bootSeed(id) };
    });
  }

  get current(): Boot {
    const boot = this.#list.at(-1);
    if (boot === undefined) throw new RangeError('no boot has begun');
    return boot;
  }

  get last(): Boot | undefined {
    return this.#list.at(-1);
  }

  get all(): readonly Boot[] {
    return this.#list;
  }

  /** Takes over boots of another file, each where it belongs. */
  restore(boots: readonly Omit<Boot, 'seed'>[]): void {
    for (const { firstId, id, ended } of boots) {
      if (this.#list.some((boot) => boot.firstId === firstId)) continue;
      const flag = ended ? 1 : 0;
      this.#insert.run(firstId, id, flag, rowChecksum('boot', firstId, id, flag));
      this.#list.push({ firstId, id, ended, seed: bootSeed(id) });
    }
    this.#list.sort((a, b) => a.firstId - b.firstId);
  }

  /** Id of a boot's first record; undefined for a boot that is forgotten or was never here. */
  firstIdOf(id: string): number | undefined {
    return this.#list.findLast((boot) => boot.id === id)?.firstId;
  }

  start(id: string, firstId: number): void {
    this.#insert.run(firstId, id, 0, rowChecksum('boot', firstId, id, 0));
    this.#list.push({ id, firstId, ended: false, seed: bootSeed(id) });
  }

  end(): void {
    const { firstId, id } = this.current;
    this.#markEnded.run(rowChecksum('boot', firstId, id, 1), firstId);
  }

  /** The boot of a record, and the id of that boot's last record so far. */
  of(id: number, newestId: number): { readonly boot: Boot; readonly lastId: number } {
    let low = 0;
    let high = this.#list.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#list[middle]?.firstId ?? 0) <= id) low = middle;
      else high = middle - 1;
    }
    const boot = this.#list[low];
    if (boot === undefined || boot.firstId > id) throw new RangeError(`no boot has record ${id}`);
    return { boot, lastId: (this.#list[low + 1]?.firstId ?? newestId + 1) - 1 };
  }

  /** Ids of a boot's records; undefined for a boot that has none any more. */
  span(id: string, newestId: number): { readonly firstId: number; readonly lastId: number } | undefined {
    const index = this.#list.findIndex((boot) => boot.id === id);
    const boot = this.#list[index];
    return boot && { firstId: boot.firstId, lastId: (this.#list[index + 1]?.firstId ?? newestId + 1) - 1 };
  }

  /** Forgets the boots whose records are all below `oldestId`, never the present one. */
  forgetBefore(oldestId: number): void {
    const keep = this.#list.findIndex(
      (_, index) => (this.#list[index + 1]?.firstId ?? Number.POSITIVE_INFINITY) > oldestId,
    );
    const lastGone = this.#list[keep - 1];
    if (lastGone === undefined) return;
    this.#removeUpTo.run(lastGone.firstId);
    this.#list.splice(0, keep);
  }
}

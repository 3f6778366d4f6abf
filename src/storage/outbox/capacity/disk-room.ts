import { PAGE_BYTES, type Store } from '../../../common/store/index.ts';
import { PRESSURE } from '../journal/degradation.ts';
import type { FileLimits } from './file-limits.ts';

/** Share of the disk that the floor may keep, so that a small disk stays of use. */
const MOST_OF_DISK = 1 / 8;
/**
 * On a full disk, a file smaller than this many times what is wanted has nothing worth thinning. Waiting may help, too.
 */
const WORTHWHILE = 4;
/** Share of the room that is made beyond what is wanted, and most pages of it, lest one commit takes long. */
const SPARE_SHARE = 1 / 32;
const MAX_SPARE_PAGES = 256;

/** Pages that are missing for a transaction. */
export interface Shortage {
  readonly pages: number;
  /** Whether the transaction needs them; otherwise they only keep a reserve. */
  readonly pressing: boolean;
}

/** Knows how many pages the file may have, under its cap and on the disk without the part that is left to others. */
export class DiskRoom {
  readonly #store: Store;
  readonly #limits: FileLimits;
  readonly #freeFloor: number;

  constructor(store: Store, limits: FileLimits, freeFloor: number) {
    this.#store = store;
    this.#limits = limits;
    this.#freeFloor = freeFloor;
  }

  /** Bytes by which file and log may grow on the disk; negative where they are into the floor. */
  onDisk(): number {
    const floor = Math.min(this.#freeFloor, this.#store.diskBytes() * MOST_OF_DISK);
    return this.#store.diskRoom(this.#limits.logBytes) - floor;
  }

  /** Most pages that the file may have now. A file that is larger than a lowered cap allows does not count as room. */
  pages(): { readonly limit: number; readonly by: 'cap' | 'disk' } {
    const { total } = this.#store.pages();
    const onDisk = total + Math.max(0, Math.floor(this.onDisk() / PAGE_BYTES));
    return onDisk < this.#limits.maxPages ? { limit: onDisk, by: 'disk' } : { limit: this.#limits.maxPages, by: 'cap' };
  }

  taken(): number {
    const { total, free } = this.#store.pages();
    return total - free;
  }

  /** Share of the room that is taken. */
  fill(): number {
    return this.taken() / Math.max(1, this.pages().limit);
  }

  /** Pages that must become free before so many can be written and a reserve is left. */
  shortage(wanted: number): Shortage {
    const { limit, by } = this.pages();
    const taken = this.taken();
    const most = Math.min(limit * PRESSURE, limit - wanted);
    if (taken <= most || (by === 'disk' && limit < WORTHWHILE * wanted)) return { pages: 0, pressing: false };
    const spare = Math.min(MAX_SPARE_PAGES, Math.floor(limit * SPARE_SHARE));
    return { pages: taken - Math.floor(most) + spare, pressing: taken + wanted > limit };
  }
}

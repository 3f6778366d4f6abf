import type { Moment } from '../../../common/core/index.ts';
import { LEVEL, lowerLevel } from '../journal/degradation.ts';
import type { OutboxState } from '../journal/outbox-state.ts';
import type { DiskRoom } from './disk-room.ts';
import type { Eviction } from './eviction.ts';
import type { Thinning } from './thinning.ts';
import type { Transactions } from './transactions.ts';

/** Pieces before a commit that does not need them: more would keep it from the disk. */
const MAX_PIECES = 16;

interface Parts {
  readonly state: OutboxState;
  readonly diskRoom: DiskRoom;
  readonly eviction: Eviction;
  readonly thinning: Thinning;
  readonly transactions: Transactions;
}

/**
 * Makes records give way before there is no room left, each piece in a transaction of its own that the log has room
 * for.
 */
export class LoadShedding {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  isNeeded(pages: number): boolean {
    const { diskRoom, transactions } = this.#parts;
    return transactions.read(() => diskRoom.shortage(pages).pages > 0);
  }

  /** Sheds until so many pages can be written, or nothing gives way any more except by being dropped. */
  shed(pages: number, moment: Moment): void {
    const { diskRoom, transactions } = this.#parts;
    this.lowerLevel();
    for (let pieces = 0; ; pieces += 1) {
      const shortage = transactions.read(() => diskRoom.shortage(pages));
      if (shortage.pages === 0 || (pieces >= MAX_PIECES && !shortage.pressing)) return;
      let gave = false;
      transactions.writeOrWait(() => {
        gave = this.#giveWay(shortage.pages, moment);
      });
      if (!gave) return;
    }
  }

  /** Lowers the degradation level as far as what waits allows. */
  lowerLevel(): void {
    const { state, diskRoom, transactions } = this.#parts;
    transactions.read(() => {
      const { degradation, claims } = state;
      if (degradation.current.level === LEVEL.none) return;
      degradation.current = lowerLevel(degradation.current, diskRoom.fill(), claims.oldestBacklog());
    });
  }

  /** Makes a piece give way, for want of so many pages. */
  #giveWay(pages: number, moment: Moment): boolean {
    const { diskRoom, eviction, thinning } = this.#parts;
    const before = diskRoom.taken();
    let gave = false;
    while (before - diskRoom.taken() < pages && eviction.dropSettled()) gave = true;
    return gave || thinning.step(moment);
  }
}

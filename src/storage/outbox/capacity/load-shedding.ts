import { ease, LEVEL } from '../journal/degradation.ts';
import type { Books } from '../journal/outbox-state.ts';
import type { Room } from './disk-room.ts';
import type { Space } from './eviction.ts';
import type { Thinning } from './thinning.ts';
import type { Transactions } from './transactions.ts';

/** Pieces before a commit that could also do without: more would keep it from the disk. */
const MAX_PIECES = 16;

interface Parts {
  readonly books: Books;
  readonly room: Room;
  readonly space: Space;
  readonly thinning: Thinning;
  readonly transactions: Transactions;
}

/** Makes records give way before there is no room left, each piece in a transaction of its own that the log has room for. */
export class Relief {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  isNeeded(pages: number): boolean {
    const { room, transactions } = this.parts;
    return transactions.read(() => room.shortage(pages).pages > 0);
  }

  /** Until so many pages can be written, or nothing gives way any more but by being dropped. */
  make(pages: number, now: number, clock: boolean): void {
    const { room, transactions } = this.parts;
    this.ease();
    for (let pieces = 0; ; pieces += 1) {
      const shortage = transactions.read(() => room.shortage(pages));
      if (shortage.pages === 0 || (pieces >= MAX_PIECES && !shortage.pressing)) return;
      let gave = false;
      transactions.writeOrWait(() => {
        gave = this.giveWay(shortage.pages, now, clock);
      });
      if (!gave) return;
    }
  }

  /** Goes back down the ladder, as far as what waits allows. */
  ease(): void {
    const { books, room, transactions } = this.parts;
    transactions.read(() => {
      const { ladder, claims } = books;
      if (ladder.state.level === LEVEL.none) return;
      ladder.state = ease(ladder.state, room.fill(), claims.oldestBacklog());
    });
  }

  /** A piece for want of so many pages. */
  private giveWay(pages: number, now: number, clock: boolean): boolean {
    const { room, space, thinning } = this.parts;
    const before = room.taken();
    let gave = false;
    while (before - room.taken() < pages && space.dropSettled()) gave = true;
    return gave || thinning.step(now, clock);
  }
}

import { calm, type LadderState, readState } from './degradation.ts';
import type { Meta } from './rows/meta.ts';

const KEY = 'ladder';

/** Where the ladder stands, in memory and in the file. */
export class LadderPosition {
  state: LadderState;
  private readonly meta: Meta;
  private readonly priorities: number;
  private saved: LadderState;

  /** @param priorities how many different ones there are */
  constructor(meta: Meta, priorities: number) {
    this.meta = meta;
    this.priorities = priorities;
    this.state = calm(priorities);
    this.saved = this.state;
  }

  load(): void {
    this.state = readState(this.meta.get(KEY), this.priorities);
    this.saved = this.state;
  }

  /** A step that gave nothing: not worth a write by itself. */
  look(state: LadderState): void {
    if (this.saved === this.state) this.saved = state;
    this.state = state;
  }

  /** Belongs into a transaction. */
  save(): void {
    if (this.state === this.saved) return;
    this.meta.set(KEY, JSON.stringify(this.state));
    this.saved = this.state;
  }
}

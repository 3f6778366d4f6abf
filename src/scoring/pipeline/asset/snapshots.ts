import type { AssetCodec } from './codec.ts';
import type { AssetState } from './state.ts';

/** What a pipeline holds of an asset, for `Pipeline.restore`. */
export interface AssetSnapshot {
  readonly asset: string;
  readonly body: Uint8Array;
}

interface Taken {
  readonly state: AssetState;
  readonly windows: Uint8Array;
}

/**
 * Takes snapshots without a stop of the flow. Windows show every reading pushed, while decisions come later, in order:
 * so windows are written when a snapshot is asked for, alarms and summaries when the windows closed until then are
 * decided.
 */
export class Snapshots {
  readonly #codec: AssetCodec;
  #touched: AssetState[] = [];
  #pending: { readonly until: number; readonly taken: readonly Taken[] } | undefined;

  constructor(codec: AssetCodec) {
    this.#codec = codec;
  }

  /** Notes that an asset changes: the next snapshot has it. */
  touch(state: AssetState): void {
    if (state.touched) return;
    state.touched = true;
    this.#touched.push(state);
  }

  /**
   * Writes the windows of the assets that changed.
   * @param until ticket of the first window that the snapshot knows nothing of
   */
  begin(until: number, now: number): void {
    if (this.#pending) throw new TypeError('a snapshot is under way');
    const taken = this.#touched.map((state) => {
      state.touched = false;
      return { state, windows: this.#codec.windows(state, now) };
    });
    this.#touched = [];
    this.#pending = { until, taken };
  }

  /** Forgets the assets, since they are gone; a snapshot under way has none of them. */
  forget(): void {
    this.#touched = [];
    if (this.#pending) this.#pending = { ...this.#pending, taken: [] };
  }

  /** Whether all windows that the snapshot knows are decided. `head`: ticket of the oldest that is not. */
  due(head: number): boolean {
    return this.#pending !== undefined && head >= this.#pending.until;
  }

  /** Completes the snapshot with what follows the decisions. */
  finish(): AssetSnapshot[] {
    const taken = this.#pending?.taken ?? [];
    this.#pending = undefined;
    return taken.map(({ state, windows }) => ({ asset: state.name, body: this.#codec.join(windows, state) }));
  }
}

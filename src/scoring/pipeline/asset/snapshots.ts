import type { AssetCodec } from './codec.ts';
import type { Gone } from './gone.ts';
import type { AssetState } from './state.ts';

/** What a pipeline holds of an asset, for `Pipeline.restore`. */
export interface AssetSnapshot {
  readonly asset: string;
  readonly body: Uint8Array;
}

/** What changed since the snapshot before. */
export interface Snapshot {
  readonly assets: readonly AssetSnapshot[];
  /** Assets of which nothing is held any more. */
  readonly forgotten: readonly string[];
}

/** Changes of one asset: it goes on, it gave way and something is remembered, or nothing is. */
type Change = AssetState | { readonly gone: Gone } | 'forgotten';

interface Taken {
  readonly until: number;
  /** Each completes its snapshot with what follows the decisions. */
  readonly assets: ReadonlyMap<string, () => Uint8Array>;
  readonly forgotten: readonly string[];
}

/** Names of forgotten assets that are kept for the next snapshot; of further ones an old snapshot stays. */
const MAX_FORGOTTEN = 10_000;

/**
 * Takes snapshots without a stop of the flow. Windows show every reading pushed, while decisions come later, in order:
 * so windows are written when a snapshot is asked for, alarms and summaries when the windows closed until then are
 * decided.
 */
export class Snapshots {
  readonly #codec: AssetCodec;
  #changed = new Map<string, Change>();
  #forgotten = 0;
  #pending: Taken | undefined;

  constructor(codec: AssetCodec) {
    this.#codec = codec;
  }

  /** Notes that an asset changes: the next snapshot has it. */
  touch(state: AssetState): void {
    if (state.touched) return;
    state.touched = true;
    this.#change(state.name, state);
  }

  /** Notes that another pipeline has the asset: the next snapshot has it from there. */
  left(asset: string): void {
    this.#change(asset, undefined);
  }

  /** Notes that an asset gave way, and what is remembered of it. */
  gone(asset: string, gone: Gone): void {
    this.#change(asset, { gone });
  }

  /** Notes that nothing is held of an asset any more. */
  forgotten(asset: string): void {
    if (this.#forgotten < MAX_FORGOTTEN) this.#change(asset, 'forgotten');
    else this.#change(asset, undefined);
  }

  /**
   * Writes the windows of the assets that changed.
   * @param until ticket of the first window that the snapshot knows nothing of
   */
  begin(until: number, now: number): void {
    if (this.#pending) throw new TypeError('a snapshot is under way');
    const assets = new Map<string, () => Uint8Array>();
    const forgotten: string[] = [];
    for (const [asset, change] of this.#changed) {
      if (change === 'forgotten') forgotten.push(asset);
      else assets.set(asset, this.#write(change, now));
    }
    this.#changed = new Map();
    this.#forgotten = 0;
    this.#pending = { until, assets, forgotten };
  }

  /** Forgets the assets, since they are gone; a snapshot under way has none of them. */
  forget(): void {
    this.#changed = new Map();
    this.#forgotten = 0;
    if (this.#pending) this.#pending = { ...this.#pending, assets: new Map() };
  }

  /** Whether all windows that the snapshot knows are decided. `head`: ticket of the oldest that is not. */
  due(head: number): boolean {
    return this.#pending !== undefined && head >= this.#pending.until;
  }

  /** Completes the snapshot with what follows the decisions. */
  finish(): Snapshot {
    const { assets = [], forgotten = [] } = this.#pending ?? {};
    this.#pending = undefined;
    return { assets: Array.from(assets, ([asset, body]) => ({ asset, body: body() })), forgotten };
  }

  #write(change: Exclude<Change, 'forgotten'>, now: number): () => Uint8Array {
    if ('gone' in change) return () => this.#codec.gone(change.gone);
    change.touched = false;
    const windows = this.#codec.windows(change, now);
    return () => this.#codec.join(windows, change);
  }

  #change(asset: string, change: Change | undefined): void {
    if (this.#changed.get(asset) === 'forgotten') this.#forgotten -= 1;
    if (change === 'forgotten') this.#forgotten += 1;
    if (change === undefined) this.#changed.delete(asset);
    else this.#changed.set(asset, change);
  }
}

import type { AssetState } from './state.ts';

/** Which assets there may be, and how the state of one is made. */
export interface AssetsOptions {
  /** The most assets that the pipeline follows. */
  readonly limit: number;
  readonly matches: (asset: string) => boolean;
  readonly create: (asset: string) => AssetState;
  /** Called for each reading of an asset beyond the limit. */
  readonly onTooMany: () => void;
}

/** Names that do not match are remembered too, so that a reading costs one look; up to so many times the limit. */
const OTHERS = 4;

/** The states of a pipeline's assets, by name. */
export class Assets {
  readonly #options: AssetsOptions;
  readonly #states = new Map<string, AssetState | undefined>();
  #size = 0;

  constructor(options: AssetsOptions) {
    this.#options = options;
  }

  /** Number of assets. */
  get size(): number {
    return this.#size;
  }

  /** Gives the state of an asset that is there already. */
  get(asset: string): AssetState | undefined {
    return this.#states.get(asset);
  }

  /**
   * Gives the state of an asset, made where it is not there yet; undefined where it is not the pipeline's, or one too
   * many.
   */
  of(asset: string): AssetState | undefined {
    const known = this.#states.get(asset);
    if (known !== undefined || this.#states.has(asset)) return known;
    const { limit, matches, create, onTooMany } = this.#options;
    if (!matches(asset)) {
      if (this.#states.size < OTHERS * limit) this.#states.set(asset, undefined);
      return undefined;
    }
    if (this.#size >= limit) {
      onTooMany();
      return undefined;
    }
    this.#size += 1;
    const state = create(asset);
    this.#states.set(asset, state);
    return state;
  }

  /** Gives the states in the order in which they were made. */
  *[Symbol.iterator](): Generator<AssetState> {
    for (const state of this.#states.values()) if (state) yield state;
  }

  /** Forgets all of them. */
  clear(): void {
    this.#states.clear();
    this.#size = 0;
  }
}

import { printable } from '../../../common/core/index.ts';
import type { Gone } from './gone.ts';
import { Newcomers } from './newcomers.ts';
import { Standing, UNHEARD } from './standing.ts';
import type { AssetState } from './state.ts';

/** Which assets there may be, and how the state of one is made. */
export interface AssetsOptions {
  /** The most assets that the pipeline follows. */
  readonly limit: number;
  /** Silence in ms of processing time after which an asset may be quiet. */
  readonly idle: number;
  readonly matches: (asset: string) => boolean;
  readonly create: (asset: string, standing: Standing) => AssetState;
  /** Called for each reading of an asset beyond the limit. */
  readonly onTooMany: () => void;
  /** Called with an asset of which nothing is remembered any more. */
  readonly onForgotten: (asset: string) => void;
}

/** Ends what a pipeline holds of an asset that gives way, and says what is to be remembered of it. */
export type Retire = (state: AssetState) => Gone;

/** Names that do not match are remembered too, so that a reading costs one look; up to so many times the limit. */
const OTHERS = 4;
/** Readings of an asset beyond the limit before another one may give way to it. */
const ADMISSION_READINGS = 3;
/** How many times as often as another asset a newcomer has to be heard to take its place while both speak. */
const OFTEN = 2;
/** Names of refused assets that are told. */
const NAMED = 8;

/**
 * The states of a pipeline's assets, by name.
 *
 * Where there are as many as there may be, the readings of a further one are counted and not used. With each third of
 * them it looks for an asset that gives way to it, in this order, and among equals the one that was heard least
 * recently:
 * 1. one that is quiet and not established;
 * 2. one that is not established and was heard less than half as often as the newcomer, so that machines that speak
 *    alike do not displace each other;
 * 3. one that is established, and quiet for long.
 *
 * Established is who was heard in many different minutes. So no flood of names, however fast, takes the place of a
 * machine that speaks; names that were heard a few times make room for one that goes on speaking, at once; and what
 * was heard long makes room when it is silent for long. How often a newcomer was heard is counted without its name, so
 * that invented names cannot make it forgotten.
 */
export class Assets {
  readonly #options: AssetsOptions;
  readonly #states = new Map<string, AssetState | undefined>();
  readonly #newcomers = new Newcomers();
  /** Assets that gave way, as many as there may be assets; the newest last. */
  readonly #gone = new Map<string, Gone>();
  /** Names of assets that were refused last; the newest last. */
  readonly #refused = new Set<string>();
  #size = 0;
  #turn = 0;

  constructor(options: AssetsOptions) {
    this.#options = options;
  }

  /** Number of assets. */
  get size(): number {
    return this.#size;
  }

  /** Names of some assets that were refused, the newest last. */
  get refused(): readonly string[] {
    return [...this.#refused];
  }

  /** What is remembered of assets that gave way, by name. */
  get gone(): Iterable<readonly [asset: string, gone: Gone]> {
    return this.#gone;
  }

  /** Gives the state of an asset that is there already. */
  get(asset: string): AssetState | undefined {
    return this.#states.get(asset);
  }

  /** Gives the state of the asset of a reading, where it is there already. */
  hear(asset: string): AssetState | undefined {
    const known = this.#states.get(asset);
    known?.standing.hear(++this.#turn);
    return known;
  }

  /**
   * Makes the state of the asset of a reading that is not there yet; undefined where it is not the pipeline's, or one too
   * many and no other gives way to it.
   */
  admit(asset: string, retire: Retire): AssetState | undefined {
    if (!this.matches(asset)) return undefined;
    this.#turn += 1;
    // What gives way may push it out of what is remembered.
    const gone = this.#gone.get(asset);
    const times = this.#size < this.#options.limit ? 1 : this.#makeRoom(asset, retire);
    if (times === undefined) return undefined;
    return this.#create(asset, new Standing({ readings: times, minutes: 0 }, this.#turn), gone);
  }

  /**
   * Gives the state of an asset that was followed before this start, made where it is not there yet; undefined where it
   * is not the pipeline's. There may be more than the limit until the next `tick`.
   */
  of(asset: string): AssetState | undefined {
    const known = this.#states.get(asset);
    if (known !== undefined || !this.matches(asset)) return known;
    return this.#create(asset, new Standing(UNHEARD, ++this.#turn, false), this.#gone.get(asset));
  }

  /** Lets processing time pass, and has those give way that are beyond the limit. */
  tick(now: number, retire: Retire): void {
    for (const state of this) state.standing.tick(now, this.#options.idle);
    while (this.#size > this.#options.limit) {
      const state = this.#givingWay(Number.POSITIVE_INFINITY) ?? this.#leastRecent();
      if (state === undefined) return;
      this.#retire(state, retire);
    }
  }

  /** Remembers an asset that gave way. */
  remember(asset: string, gone: Gone): void {
    this.#gone.delete(asset);
    this.#gone.set(asset, gone);
    if (this.#gone.size <= this.#options.limit) return;
    const [oldest] = this.#gone.keys();
    if (oldest !== undefined) this.forget(oldest);
  }

  /** Remembers nothing any more of an asset that gave way. */
  forget(asset: string): void {
    if (this.#gone.delete(asset)) this.#options.onForgotten(asset);
  }

  /** Lets go of an asset for which another pipeline answers; nothing is remembered of it. */
  release(asset: string): AssetState | undefined {
    const state = this.#states.get(asset);
    if (state === undefined) return undefined;
    this.#states.delete(asset);
    this.#size -= 1;
    return state;
  }

  /** Gives the states in the order in which they were made. */
  *[Symbol.iterator](): Generator<AssetState> {
    for (const state of this.#states.values()) if (state) yield state;
  }

  /** Forgets all of them. */
  clear(): void {
    this.#states.clear();
    this.#newcomers.clear();
    this.#gone.clear();
    this.#refused.clear();
    this.#size = 0;
  }

  /** Whether an asset that is not there may be the pipeline's. */
  matches(asset: string): boolean {
    if (this.#states.has(asset)) return false;
    const { limit, matches } = this.#options;
    if (matches(asset)) return true;
    if (this.#states.size < OTHERS * limit) this.#states.set(asset, undefined);
    return false;
  }

  /** Makes room for a newcomer; gives how often it was heard, undefined where it is refused. */
  #makeRoom(asset: string, retire: Retire): number | undefined {
    const times = this.#newcomers.heard(asset);
    const state = times % ADMISSION_READINGS === 0 ? this.#givingWay(times) : undefined;
    if (state === undefined) {
      this.#options.onTooMany();
      const shown = printable(asset);
      this.#refused.delete(shown);
      this.#refused.add(shown);
      const [oldest] = this.#refused;
      if (this.#refused.size > NAMED && oldest !== undefined) this.#refused.delete(oldest);
      return undefined;
    }
    this.#retire(state, retire);
    this.#refused.delete(printable(asset));
    return times;
  }

  #create(asset: string, standing: Standing, gone?: Gone): AssetState {
    const state = this.#options.create(asset, standing);
    if (gone !== undefined) {
      state.windows.beginBehind(gone.closed, gone.newest);
      state.summary?.emittedUntil(gone.closed);
    }
    this.#gone.delete(asset);
    this.#states.set(asset, state);
    this.#size += 1;
    return state;
  }

  #retire(state: AssetState, retire: Retire): void {
    this.#states.delete(state.name);
    this.#size -= 1;
    this.remember(state.name, retire(state));
  }

  /** The asset that gives way to one that was heard so often, if one does. */
  #givingWay(times: number): AssetState | undefined {
    let found: AssetState | undefined;
    let best = Number.POSITIVE_INFINITY;
    for (const state of this) {
      const rank = rankOf(state.standing, times);
      if (rank > best || (rank === best && found && state.standing.turn > found.standing.turn)) continue;
      if (rank === Number.POSITIVE_INFINITY) continue;
      [found, best] = [state, rank];
    }
    return found;
  }

  #leastRecent(): AssetState | undefined {
    return [...this].reduce((least, state) => (state.standing.turn < least.standing.turn ? state : least));
  }
}

/** In what order assets give way, the least first; infinity for one that does not. */
function rankOf({ quiet, established, readings }: Standing, times: number): number {
  if (quiet) return established ? 2 : 0;
  return !established && readings * OFTEN <= times ? 1 : Number.POSITIVE_INFINITY;
}

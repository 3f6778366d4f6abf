import type { Window } from '../../../common/core/index.ts';
import type { WindowOptions } from '../../windows/index.ts';
import type { AlarmRule } from '../asset/alarms.ts';
import type { Assets } from '../asset/assets.ts';
import type { AssetCodec } from '../asset/codec.ts';
import type { Snapshots } from '../asset/snapshots.ts';
import { type AssetState, resetWindows, type Stage } from '../asset/state.ts';
import { type Left, type Successor, takeOver } from '../asset/takeover.ts';
import type { Recurrence } from '../model/recurrence.ts';
import type { RecordBuilder } from './record-builder.ts';
import type { WindowQueue } from './window-queue.ts';

/**
 * Says whether a pipeline that follows another one answers for an asset from this window on: `no`; `after` the last
 * decisions of the other one, which `takeOver` brings; or `now`, since the other one has no such asset. `warm`: windows that
 * a recurrent model has seen before.
 */
export type Begins = (asset: string, window: Window, warm: number) => 'no' | 'after' | 'now';

/** How far the windows of an asset have come. */
export interface AssetExtent {
  /** End of the newest window that is answered or will be, ms; -Infinity for none. */
  readonly answered: number;
  /** Time of the oldest sample that is in no such window; Infinity for none. */
  readonly oldest: number;
  /** Newest event time that came. */
  readonly newest: number;
}

/** The windows of an asset, lent by a pipeline to the one that follows it. */
export interface LentWindows {
  readonly state: AssetState;
  /** What the windows depend on. */
  readonly digest: string;
}

/** The parts of a pipeline that a change of what acts works with. */
export interface HandoverOptions extends Successor {
  readonly pipeline: string;
  readonly rules: readonly AlarmRule[];
  readonly assets: Assets;
  readonly codec: AssetCodec;
  readonly queue: WindowQueue;
  readonly snapshots: Snapshots;
  readonly records: RecordBuilder;
  readonly recurrence: Recurrence | undefined;
  readonly windows: WindowOptions;
}

/** Lets assets go to another pipeline, and takes them over from one. Each is answered for by one of the two at any time. */
export class Handover {
  readonly #options: HandoverOptions;
  #begins: Begins | undefined;
  /** Assets whose last decisions by the other pipeline have not come yet. */
  #waiting = 0;

  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  /** Whether this pipeline waits for decisions of the one before. */
  get waits(): boolean {
    return this.#waiting > 0;
  }

  /** The stage of an asset that is heard for the first time. */
  get stage(): Stage {
    return this.#begins === undefined ? 'acting' : 'following';
  }

  /** Follows another pipeline; to be called before the first reading. */
  follow(begins: Begins): void {
    this.#begins = begins;
  }

  /** Whether a window of an asset that has closed is answered and told. */
  admits(state: AssetState, window: Window): boolean {
    if (state.stage !== 'following') return true;
    const begins = this.#begins?.(state.name, window, state.warm) ?? 'now';
    if (begins === 'no') return false;
    if (begins === 'now') this.#act(state);
    else this.#waitFor(state);
    return true;
  }

  /** Lets go of an asset: what its windows have begun is given up, and `left` comes behind the last decision. */
  release(asset: string, readingNumber: number): void {
    const { assets, queue, snapshots } = this.#options;
    const state = assets.release(asset);
    if (!state) return;
    snapshots.left(asset);
    queue.openEnding(state, readingNumber, 'left');
  }

  /** Lets go of all assets: no pipeline goes on with them. */
  end(): void {
    const { assets, queue } = this.#options;
    for (const { name } of [...assets]) {
      const state = assets.release(name);
      if (state) queue.openEnding(state, 0, 'removed');
    }
  }

  /** Gives what another pipeline needs to go on with an asset that was released, when its decisions are told. */
  left(state: AssetState): Left {
    const { pipeline, model, targets } = this.#options;
    return { pipeline, state, model, targets };
  }

  /** How far the windows of an asset have come; undefined where it follows no such asset. */
  extentOf(asset: string): AssetExtent | undefined {
    const state = this.#options.assets.get(asset);
    if (!state) return undefined;
    const answered = Math.max(state.answered, state.emittedPredictions.last, state.emittedPredictions.until);
    return { answered, oldest: state.windows.oldestBehind(answered), newest: state.windows.newest };
  }

  /** Lends the windows of an asset, before it is released. */
  lend(asset: string): LentWindows | undefined {
    const { assets, codec } = this.#options;
    const state = assets.get(asset);
    return state && { state, digest: codec.windowsDigest(state) };
  }

  /**
   * Goes on with the windows of another pipeline's asset, where they are cut alike and this model needs none before it
   * answers. `fills`: its own windows have to fill first; `foreign`: it follows no such asset.
   */
  adopt({ state: other, digest }: LentWindows): 'adopted' | 'fills' | 'foreign' {
    const { assets, codec, recurrence } = this.#options;
    const state = assets.of(other.name);
    if (!state) return 'foreign';
    if (codec.windowsDigest(state) !== digest || (recurrence?.warmUp ?? 0) > 0) return 'fills';
    state.windows = other.windows;
    Object.assign(state, {
      latest: other.latest,
      attributes: other.attributes,
      gateOpen: other.gateOpen,
      gateClock: other.gateClock,
    });
    state.answered = other.answered;
    this.#waitFor(state);
    return 'adopted';
  }

  /** Goes on where the other pipeline left an asset. */
  takeOver(left: Left): void {
    const { assets, records } = this.#options;
    const state = assets.of(left.state.name);
    records.ends(takeOver(state, left, this.#options));
    if (!state) return;
    if (state.stage === 'taking-over') this.#waiting -= 1;
    else this.#beginAnew(state, left.state);
    this.#act(state);
  }

  /** Answers for each asset from its next window on: there is no other pipeline any more. */
  act(): void {
    this.#begins = undefined;
    for (const state of this.#options.assets) if (state.stage === 'following') this.#act(state);
  }

  /** The windows that fill are not whole: those that come begin behind the old ones. */
  #beginAnew(state: AssetState, { windows: { closed, newest } }: AssetState): void {
    resetWindows(state, this.#options.windows);
    state.windows.beginBehind(closed, newest);
  }

  #waitFor(state: AssetState): void {
    state.stage = 'taking-over';
    this.#waiting += 1;
  }

  #act(state: AssetState): void {
    state.stage = 'acting';
    this.#options.snapshots.touch(state);
  }
}

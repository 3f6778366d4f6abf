import { GOOD, type Quality } from '../../../common/core/index.ts';
import type { Verdict } from '../../decision/index.ts';
import type { AssetState } from '../asset/state.ts';
import type { RecurrentWindow } from '../model/recurrence.ts';

/** A closed window on its way to its decision. Slots are used again: the hot path allocates none. */
export interface Slot extends RecurrentWindow {
  ticket: number;
  asset: AssetState;
  from: number;
  to: number;
  quality: Quality;
  /** Processing time at which the window closed, ms. */
  closedAt: number;
  readingNumber: number;
  /** No window: when those before are decided, the asset gives way to another, or another pipeline has it. */
  ending: Ending | undefined;
  /** Answered for what a recurrent model makes of it alone: nothing is told of it. */
  silent: boolean;
  verdict: Verdict | undefined;
  /** Tags in whose place NaN or a fill stands; undefined for none. */
  missing: readonly string[] | undefined;
  /** Places among `features` whose numbers were not measured. */
  unmeasured: readonly number[];
  readonly features: Float64Array;
  readonly outputs: Float64Array;
  /** Errors of an autoencoder, one per feature, where alarms are explained by them. */
  readonly errors: Float64Array;
}

const NOTHING: readonly number[] = Object.freeze([]);

/** Why a pipeline's part in an asset ends. */
export type Ending = 'gone' | 'left' | 'removed';

/** Lengths of a slot's arrays. */
export interface SlotSizes {
  readonly vector: number;
  readonly features: number;
  readonly outputs: number;
  readonly errors: number;
}

/**
 * Holds windows in the order in which they closed. Answers may come out of order; decisions leave in order, so that
 * alarms and records do not depend on batching or on the number of workers.
 */
export class WindowQueue {
  readonly #sizes: SlotSizes;
  readonly #free: Slot[] = [];
  #slots: Slot[] = [];
  #head = 0;
  #nextTicket = 0;

  constructor(sizes: SlotSizes) {
    this.#sizes = sizes;
  }

  /** Windows that wait. */
  get length(): number {
    return this.#slots.length - this.#head;
  }

  /** Ticket of the oldest window that is not decided; the next ticket where none waits. */
  get headTicket(): number {
    return this.#slots[this.#head]?.ticket ?? this.#nextTicket;
  }

  /** Ticket of the window that closes next. */
  get nextTicket(): number {
    return this.#nextTicket;
  }

  /** Takes a slot for a window of an asset, at the end of the queue. */
  open(asset: AssetState): Slot {
    const slot = this.#free.pop() ?? this.#create(asset);
    slot.ticket = this.#nextTicket++;
    slot.asset = asset;
    slot.verdict = undefined;
    slot.missing = undefined;
    slot.unmeasured = NOTHING;
    slot.ending = undefined;
    slot.silent = false;
    this.#slots.push(slot);
    return slot;
  }

  /** Takes a slot for the end of an asset, which comes when the windows before it are decided. */
  openEnding(asset: AssetState, readingNumber: number, ending: Ending): void {
    const slot = this.open(asset);
    slot.ending = ending;
    slot.readingNumber = readingNumber;
  }

  /** Finds the waiting slot of a ticket; undefined where it left already. */
  find(ticket: number): Slot | undefined {
    const first = this.#slots[this.#head];
    return first && this.#slots[this.#head + ticket - first.ticket];
  }

  /** Takes the oldest slot if it is decided, and nobody else has to decide before. Give it back with `release` when done. */
  takeDecided(): Slot | undefined {
    const slot = this.#slots[this.#head];
    if (slot === undefined || slot.asset.stage === 'taking-over') return undefined;
    if (slot.verdict === undefined && slot.ending === undefined) return undefined;
    this.#head += 1;
    if (this.#head >= 1024 && this.#head * 2 >= this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head);
      this.#head = 0;
    }
    return slot;
  }

  /** Takes a slot back. */
  release(slot: Slot): void {
    if (this.#free.length < 1024) this.#free.push(slot);
  }

  #create(asset: AssetState): Slot {
    const { vector, features, outputs, errors } = this.#sizes;
    return {
      ticket: 0,
      asset,
      from: 0,
      to: 0,
      quality: GOOD,
      closedAt: 0,
      readingNumber: 0,
      ending: undefined,
      silent: false,
      verdict: undefined,
      missing: undefined,
      unmeasured: NOTHING,
      fresh: false,
      memory: undefined,
      vector: new Float64Array(vector),
      features: new Float64Array(features),
      outputs: new Float64Array(outputs),
      errors: new Float64Array(errors),
    };
  }
}

import { GOOD, type Quality } from '../../../common/core/index.ts';
import type { Verdict } from '../../decision/index.ts';
import type { AssetState } from '../asset/state.ts';
import type { RecurrentWindow } from '../model/recurrence.ts';

/** A closed window on its way to its decision. Slots are reused: the hot path allocates none. */
export interface Slot extends RecurrentWindow {
  ticket: number;
  asset: AssetState;
  from: number;
  to: number;
  quality: Quality;
  /** Processing time at which the window closed. */
  closedAt: number;
  readingNumber: number;
  verdict: Verdict | undefined;
  readonly features: Float64Array;
  readonly outputs: Float64Array;
  /** What an autoencoder says of each feature, where alarms are explained by it. */
  readonly errors: Float64Array;
}

export interface SlotSizes {
  readonly vector: number;
  readonly features: number;
  readonly outputs: number;
  readonly errors: number;
}

/**
 * Windows in the order in which they closed. Inference may answer out of order; decisions leave in order,
 * so that debouncing and the record stream do not depend on batching or on the number of workers.
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

  get length(): number {
    return this.#slots.length - this.#head;
  }

  /** Ticket of the oldest window that is not decided; the next one where none waits. */
  get headTicket(): number {
    return this.#slots[this.#head]?.ticket ?? this.#nextTicket;
  }

  get nextTicket(): number {
    return this.#nextTicket;
  }

  open(asset: AssetState): Slot {
    const slot = this.#free.pop() ?? this.#create(asset);
    slot.ticket = this.#nextTicket++;
    slot.asset = asset;
    slot.verdict = undefined;
    this.#slots.push(slot);
    return slot;
  }

  /** The waiting slot of a ticket; undefined if it was answered already. */
  find(ticket: number): Slot | undefined {
    const first = this.#slots[this.#head];
    return first && this.#slots[this.#head + ticket - first.ticket];
  }

  /** Takes the oldest slot if it is decided. Give it back with `release` when done. */
  takeDecided(): Slot | undefined {
    const slot = this.#slots[this.#head];
    if (slot?.verdict === undefined) return undefined;
    this.#head += 1;
    if (this.#head >= 1024 && this.#head * 2 >= this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head);
      this.#head = 0;
    }
    return slot;
  }

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
      verdict: undefined,
      fresh: false,
      memory: undefined,
      vector: new Float64Array(vector),
      features: new Float64Array(features),
      outputs: new Float64Array(outputs),
      errors: new Float64Array(errors),
    };
  }
}

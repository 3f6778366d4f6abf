import { type ByteReader, type ByteWriter, elementCount, type OutputBatch } from '../../../common/core/index.ts';
import type { StateSpec } from '../schema/manifest.ts';

/** A closed window as a recurrent model takes it: its input with room for the memory behind it. */
export interface RecurrentWindow {
  readonly ticket: number;
  readonly from: number;
  readonly to: number;
  /** The input of the model, the memory at its end. */
  readonly vector: Float64Array;
  /** Whether the model begins without a memory here. */
  fresh: boolean;
  /** What the model gave for the next window; undefined where it gave nothing. */
  memory: Float64Array | undefined;
}

/** What a recurrent model remembers of one asset. */
export interface RecurrentMemory {
  /** What the model gave last, as input of the next window. */
  readonly values: Float64Array;
  /** What it gave for the last window that was decided, which is what a snapshot shows. */
  readonly decided: Float64Array;
  /** End of the last window that was decided. */
  decidedTo: number;
  /** Whether the model answered that window. */
  sound: boolean;
  /** End of the last window that closed. */
  closedTo: number;
  /** Whether the next window begins without a memory. */
  fresh: boolean;
  /** Whether a window of this asset is at the model: those behind it wait, because they need what it gives. */
  busy: boolean;
  readonly waiting: RecurrentWindow[];
}

/** Windows that wait for the one before them, of all assets; further ones abstain. */
const MAX_WAITING = 4_096;

/**
 * Gives each window of an asset what the model gave for the one before. A memory is reset behind a gap, a window that
 * could not be scored and a closed gate, and by another model.
 */
export class Recurrence {
  readonly length: number;
  /** Windows that it has to see before its answers count, where another model answered before. */
  readonly warmUp: number;
  readonly #at: number;
  readonly #maxGap: number;
  readonly #initial: Float64Array;
  readonly #parts: readonly { readonly output: string; readonly at: number; readonly width: number }[];

  #waiting = 0;

  /** @param at where the memory begins in a row, behind the inputs */
  constructor({ tensors, maxGap, warmup = 0 }: StateSpec, at: number) {
    this.warmUp = warmup;
    let length = 0;
    this.#parts = Object.values(tensors).map(({ output, shape }) => {
      const width = elementCount(shape.filter((size) => size !== -1));
      length += width;
      return { output, at: length - width, width };
    });
    this.#at = at;
    this.#maxGap = maxGap;
    this.length = length;
    this.#initial = Float64Array.from(
      Object.values(tensors).flatMap(({ initial }, index) =>
        new Array<number>(this.#parts[index]?.width ?? 0).fill(initial),
      ),
    );
  }

  /** Number of windows that wait for the one before them; the model knows nothing of these. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether a further window of an asset would have to wait, and may not. */
  isFull(memory: RecurrentMemory): boolean {
    return memory.busy && this.#waiting >= MAX_WAITING;
  }

  /** Makes the memory of an asset of which nothing came yet. */
  create(): RecurrentMemory {
    return {
      values: this.#initial.slice(),
      decided: this.#initial.slice(),
      decidedTo: Number.NEGATIVE_INFINITY,
      sound: false,
      closedTo: Number.NEGATIVE_INFINITY,
      fresh: true,
      busy: false,
      waiting: [],
    };
  }

  /** Takes a window that closed; true where the model may have it now. `usable`: it has an input. */
  enter(memory: RecurrentMemory, window: RecurrentWindow, usable: boolean): boolean {
    const gap = window.from > memory.closedTo + this.#maxGap;
    memory.closedTo = window.to;
    window.fresh = memory.fresh || gap;
    memory.fresh = !usable;
    if (!usable) return false;
    if (memory.busy) {
      memory.waiting.push(window);
      this.#waiting += 1;
      return false;
    }
    this.#send(memory, window);
    return true;
  }

  /** Takes the model's answer for a window, or that there is none; returns the window that may go next. */
  leave(
    memory: RecurrentMemory,
    window: RecurrentWindow,
    batch: OutputBatch | undefined,
    row: number,
  ): RecurrentWindow | undefined {
    const good = batch !== undefined && this.#read(batch, row, memory.values);
    if (!good) memory.values.set(this.#initial);
    window.memory = good ? memory.values.slice() : undefined;
    memory.busy = false;
    const next = memory.waiting.shift();
    if (next) {
      this.#waiting -= 1;
      this.#send(memory, next);
    }
    return next;
  }

  /** Notes that a window is decided, in order. */
  decide(memory: RecurrentMemory, window: RecurrentWindow): void {
    memory.decidedTo = window.to;
    memory.sound = window.memory !== undefined;
    if (window.memory) memory.decided.set(window.memory);
    window.memory = undefined;
  }

  /** Writes the memory after the last window that was decided. */
  save(memory: RecurrentMemory, out: ByteWriter): void {
    out.u8(memory.sound ? 1 : 0);
    out.f64(memory.decidedTo);
    out.column(Float64Array.from(memory.decided));
  }

  /** Puts what was saved into a new memory. Throws RangeError where the bytes are no such memory. */
  restore(memory: RecurrentMemory, from: ByteReader): void {
    const sound = from.u8() === 1;
    const to = from.f64();
    const values = new Float64Array(this.length);
    from.column(values);
    if (!values.every(Number.isFinite)) throw new RangeError('a memory that is not finite');
    memory.values.set(values);
    memory.decided.set(values);
    Object.assign(memory, { sound, decidedTo: to, closedTo: to, fresh: !sound });
  }

  #send(memory: RecurrentMemory, window: RecurrentWindow): void {
    memory.busy = true;
    window.vector.set(window.fresh ? this.#initial : memory.values, this.#at);
  }

  /** Reads the memory out of a batch; false where a part is missing or not finite. */
  #read(batch: OutputBatch, row: number, out: Float64Array): boolean {
    for (const { output, at, width } of this.#parts) {
      const index = batch.names.indexOf(output);
      const data = batch.data[index];
      if (data === undefined || batch.widths[index] !== width) return false;
      out.set(data.subarray(row * width, (row + 1) * width), at);
    }
    return out.every(Number.isFinite);
  }
}

import type { Numbers, OutputBatch } from '../../../common/core/index.ts';
import { type Binding, inputWidth, newBuffer, numbersOf, outputOffsets } from '../worker/messages.ts';

/** Batch that fills on the main thread. */
export interface Batch {
  /** Inputs and, later, outputs, laid out as the binding says. */
  readonly buffer: ArrayBuffer;
  /** View of the buffer's inputs. */
  readonly input: Numbers;
  /** Ticket of each row. */
  readonly tickets: Float64Array;
  /** Rows that are filled. */
  rows: number;
  /** Monotonic ms at which the first row came. */
  since: number;
}

/** Most buffers, and ticket lists, that are kept for the next batches. */
const MAX_FREE = 16;

/** Makes batches of one layout, out of the buffers and ticket lists that are handed back. */
export class BatchFactory {
  /** Numbers of one row of input. */
  readonly width: number;
  readonly #binding: Binding;
  readonly #offsets: readonly number[];
  readonly #buffers: ArrayBuffer[] = [];
  readonly #tickets: Float64Array[] = [];

  constructor(binding: Binding) {
    this.#binding = binding;
    this.width = inputWidth(binding);
    this.#offsets = outputOffsets(binding);
  }

  /** Makes an empty batch. */
  open(since: number): Batch {
    const buffer = this.#buffers.pop() ?? newBuffer(this.#binding);
    const tickets = this.#tickets.pop() ?? new Float64Array(this.#binding.size);
    const input = numbersOf(this.#binding, buffer, 0, this.#binding.size * this.width);
    return { buffer, input, tickets, rows: 0, since };
  }

  /** View of the outputs in a buffer that came back, valid until the buffer is recycled. */
  outputs(buffer: ArrayBuffer, rows: number): OutputBatch {
    const { outputs, widths } = this.#binding;
    const data = widths.map((width, index) =>
      numbersOf(this.#binding, buffer, this.#offsets[index] ?? 0, rows * width),
    );
    return { names: outputs, data, widths };
  }

  /** Takes back a buffer and a ticket list; the buffer is undefined where it went down with its worker. */
  recycle(buffer: ArrayBuffer | undefined, tickets: Float64Array): void {
    if (buffer !== undefined && this.#buffers.length < MAX_FREE) this.#buffers.push(buffer);
    if (this.#tickets.length < MAX_FREE) this.#tickets.push(tickets);
  }
}

/**
 * Takes failed rows (ascending) out of a batch of outputs and its tickets, in place and in order; returns how many rows
 * stay.
 */
export function dropRows(batch: OutputBatch, tickets: Float64Array, rows: number, failed: readonly number[]): number {
  const drop = new Set(failed);
  let kept = 0;
  for (let row = 0; row < rows; row += 1) {
    if (drop.has(row)) continue;
    tickets[kept] = tickets[row] ?? 0;
    for (const [index, data] of batch.data.entries()) {
      const width = batch.widths[index] ?? 0;
      data.copyWithin(kept * width, row * width, (row + 1) * width);
    }
    kept += 1;
  }
  return kept;
}

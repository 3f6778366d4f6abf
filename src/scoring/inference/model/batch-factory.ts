import type { Numbers, OutputBatch } from '../../../common/core/index.ts';
import { type Binding, inputWidth, newBuffer, numbersOf, outputOffsets } from '../worker/messages.ts';

/** A batch that fills on the main thread. */
export interface Batch {
  readonly buffer: ArrayBuffer;
  readonly input: Numbers;
  readonly tickets: Float64Array;
  rows: number;
  /** Monotonic ms when its first row came. */
  since: number;
}

/** Buffers at rest that are kept for the next batches. */
const MAX_FREE = 16;

/** Makes batches of one layout, out of the buffers and ticket lists that come back. */
export class BatchFactory {
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

  open(since: number): Batch {
    const buffer = this.#buffers.pop() ?? newBuffer(this.#binding);
    const tickets = this.#tickets.pop() ?? new Float64Array(this.#binding.size);
    const input = numbersOf(this.#binding, buffer, 0, this.#binding.size * this.width);
    return { buffer, input, tickets, rows: 0, since };
  }

  /** The outputs in a buffer that came back, without copying: valid until it is recycled. */
  outputs(buffer: ArrayBuffer, rows: number): OutputBatch {
    const { outputs, widths } = this.#binding;
    const data = widths.map((width, index) =>
      numbersOf(this.#binding, buffer, this.#offsets[index] ?? 0, rows * width),
    );
    return { names: outputs, data, widths };
  }

  /** Takes back what is at rest; a buffer that went down with its thread is undefined. */
  recycle(buffer: ArrayBuffer | undefined, tickets: Float64Array): void {
    if (buffer !== undefined && this.#buffers.length < MAX_FREE) this.#buffers.push(buffer);
    if (this.#tickets.length < MAX_FREE) this.#tickets.push(tickets);
  }
}

/** Takes failed rows (ascending) out of a batch of outputs and its tickets, in place; what stays keeps its order. */
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

import type { Numbers, OutputBatch } from '../../../common/core/index.ts';
import { runFailed } from '../engine/errors.ts';
import {
  type BatchAnswer,
  type Binding,
  fromWire,
  inputWidth,
  newBuffer,
  numbersOf,
  outputOffsets,
} from '../worker/messages.ts';
import type { WorkerClient } from '../worker/worker-client.ts';
import { sameBits } from './compare-tensors.ts';

/** Most numbers of a trial's answers. */
const MAX_NUMBERS = 2 ** 20;

/** Row that was answered alone: its input and all its outputs. */
interface Row {
  readonly input: Float64Array;
  readonly outputs: readonly Numbers[];
}

/**
 * Tries whether a model answers rows in batches of any size with the same bits as alone. The runs also warm the engine
 * up, whose code starts at a sixth of its speed.
 */
export class BatchProbe {
  readonly #client: WorkerClient;
  readonly #binding: Binding;
  readonly #width: number;
  #rows: readonly Row[] = [];

  constructor(client: WorkerClient, binding: Binding) {
    this.#client = client;
    this.#binding = binding;
    this.#width = inputWidth(binding);
  }

  /** Has each input answered alone, to compare with. Throws `inference.run-failed` where not one can be answered. */
  async learn(inputs: readonly Float64Array[]): Promise<void> {
    const rows: Row[] = [];
    let failure: BatchAnswer['error'];
    for (const input of inputs) {
      const { failed, error, outputs } = await this.#run([input]);
      if (failed.length === 0) rows.push({ input, outputs: outputs[0] ?? [] });
      else failure ??= error;
    }
    if (rows.length === 0) {
      throw failure === undefined
        ? runFailed('model', 'there is nothing to try it with')
        : (fromWire('model', failure) ?? runFailed('model', failure.reason));
    }
    this.#rows = rows;
  }

  /** What the model answered to learned rows alone, as one batch; to fewer of them where its outputs are large. */
  answers(): { readonly batch: OutputBatch; readonly rows: number } {
    const { outputs: names, widths } = this.#binding;
    const total = widths.reduce((sum, width) => sum + width, 1);
    const rows = this.#rows.slice(0, Math.max(1, Math.floor(MAX_NUMBERS / total)));
    const data = widths.map((width, k) => {
      const column = new Float64Array(rows.length * width);
      for (const [row, { outputs }] of rows.entries()) column.set(outputs[k] ?? [], row * width);
      return column;
    });
    return { batch: { names, data, widths }, rows: rows.length };
  }

  /** Runs one batch of `count` learned rows; false where a row's bits are not those that it had alone. */
  async agrees(count: number): Promise<boolean> {
    const rows = Array.from({ length: count }, (_, index) => this.#rows[index % this.#rows.length] as Row);
    const { failed, outputs, apart } = await this.#run(rows.map(({ input }) => input));
    return (
      failed.length === 0 &&
      !(apart && this.#binding.together) &&
      rows.every((row, index) =>
        row.outputs.every((alone, k) => sameBits(alone, outputs[index]?.[k] ?? new Float64Array())),
      )
    );
  }

  async #run(inputs: readonly Float64Array[]) {
    const buffer = newBuffer(this.#binding);
    const view = numbersOf(this.#binding, buffer, 0, inputs.length * this.#width);
    for (const [index, input] of inputs.entries()) view.set(input, index * this.#width);
    const answer = await this.#client.batch(inputs.length, buffer);
    const { widths } = this.#binding;
    const offsets = outputOffsets(this.#binding);
    const outputs = inputs.map((_, row) =>
      widths.map((width, k) => numbersOf(this.#binding, answer.buffer, (offsets[k] ?? 0) + row * width, width)),
    );
    return { failed: answer.failed ?? [], apart: answer.apart === true, error: answer.error, outputs };
  }
}

/**
 * Lists batch sizes that take different paths through matrix kernels: whole tiles, and every remainder of small tiles.
 */
export function probeSizes(size: number): number[] {
  return [...new Set([size, 2, 3, 4, 5, 7, size - 1])].filter((count) => count >= 1 && count <= size);
}

import { elementCount } from '../core/index.ts';
import type { Session } from './engine.ts';
import { outputMismatch } from './errors.ts';
import { type BatchAnswer, type Binding, isBroken, outputOffsets, toWire, type WireError } from './messages.ts';
import type { EngineTensor } from './tensors.ts';

/** Answers batches in place: rows are read from the buffer's head and outputs written to its tail. */
export class BatchRunner {
  readonly #session: Session;
  readonly #binding: Binding;
  readonly #width: number;
  readonly #offsets: readonly number[];

  constructor(session: Session, binding: Binding) {
    this.#session = session;
    this.#binding = binding;
    this.#width = elementCount(binding.shape);
    this.#offsets = outputOffsets(binding);
  }

  /** Throws only what means that the thread is broken. A batch that fails is tried again row by row: one bad row harms itself. */
  async run(rows: number, buffer: ArrayBuffer): Promise<BatchAnswer> {
    if (this.#binding.together) {
      try {
        await this.#runRows(buffer, 0, rows);
        return { buffer };
      } catch (error) {
        if (isBroken(error)) throw error;
        if (rows === 1) return { buffer, failed: [0], error: toWire(error) };
      }
    }
    const answer = await this.#runEach(rows, buffer);
    return this.#binding.together ? { ...answer, apart: true } : answer;
  }

  async #runEach(rows: number, buffer: ArrayBuffer): Promise<BatchAnswer> {
    const failed: number[] = [];
    let first: WireError | undefined;
    for (let row = 0; row < rows; row += 1) {
      try {
        await this.#runRows(buffer, row, 1);
      } catch (error) {
        if (isBroken(error)) throw error;
        first ??= toWire(error);
        failed.push(row);
      }
    }
    return first === undefined ? { buffer } : { buffer, failed, error: first };
  }

  async #runRows(buffer: ArrayBuffer, first: number, rows: number): Promise<void> {
    const { input, shape, outputs, widths } = this.#binding;
    const data = new Float32Array(buffer, first * this.#width * 4, rows * this.#width);
    const feeds = new Map<string, EngineTensor>([[input, { datatype: 'FP32', shape: [rows, ...shape], data }]]);
    const answers = await this.#session.run(feeds, outputs);
    for (const [index, answer] of answers.entries()) {
      const width = widths[index] ?? 0;
      if (!(answer.data instanceof Float32Array) || answer.data.length !== rows * width) {
        throw outputMismatch(
          'model',
          `${outputs[index]} has ${answer.data.length} values for ${rows} rows of ${width}`,
        );
      }
      new Float32Array(buffer, (this.#offsets[index] ?? 0) + first * width * 4, rows * width).set(answer.data);
    }
  }
}

import type { Numbers } from '../../../common/core/index.ts';
import type { Session } from '../engine/engine.ts';
import { outputMismatch } from '../engine/errors.ts';
import { toNumbers, toPlaces, toTensor, widthOf } from '../engine/row.ts';
import type { EngineTensor } from '../engine/tensors.ts';
import {
  type BatchAnswer,
  type Binding,
  inputWidth,
  isBroken,
  numbersOf,
  outputOffsets,
  toWire,
  type WireError,
} from './messages.ts';

/** Answers batches in place: it reads rows from the buffer's head and writes outputs to its tail. */
export class BatchRunner {
  readonly #session: Session;
  readonly #binding: Binding;
  readonly #width: number;
  readonly #offsets: readonly number[];

  constructor(session: Session, binding: Binding) {
    this.#session = session;
    this.#binding = binding;
    this.#width = inputWidth(binding);
    this.#offsets = outputOffsets(binding);
  }

  /**
   * Runs a batch. A batch that fails is tried again row by row, so that a bad row fails alone. Throws only errors that
   * mean that the worker is broken.
   */
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
    const { fixed = rows } = this.#binding;
    const end = first + rows;
    for (let at = first; at < end; at += fixed) await this.#runOnce(buffer, at, Math.min(fixed, end - at), fixed);
  }

  /** Runs the model once, over `size` rows: those from `first` on, and the last one again as often as it takes. */
  async #runOnce(buffer: ArrayBuffer, first: number, rows: number, size: number): Promise<void> {
    const { outputs, widths, labels } = this.#binding;
    const answers = await this.#session.run(this.#feeds(buffer, first, rows, size), outputs);
    for (const [index, answer] of answers.entries()) {
      const width = widths[index] ?? 0;
      const known = labels.get(outputs[index] ?? '');
      const data = known === undefined ? toNumbers(answer) : toPlaces(answer, known);
      if (data === undefined || data.length !== size * width) {
        throw outputMismatch(
          'model',
          `${outputs[index]} has ${answer.data.length} values for ${size} rows of ${width}`,
        );
      }
      const own = size === rows ? data : data.subarray(0, rows * width);
      numbersOf(this.#binding, buffer, (this.#offsets[index] ?? 0) + first * width, rows * width).set(own);
    }
  }

  /**
   * Makes the engine's inputs. A row's parts lie behind one another; where it has a single one, its tensor is the
   * buffer itself.
   */
  #feeds(buffer: ArrayBuffer, first: number, rows: number, size: number): Map<string, EngineTensor> {
    const { inputs, constants } = this.#binding;
    const width = this.#width;
    const own = numbersOf(this.#binding, buffer, first * width, rows * width);
    const data = size === rows ? own : padded(own, width, size);
    const feeds = new Map(constants);
    let at = 0;
    for (const input of inputs) {
      const part = widthOf(input);
      feeds.set(input.tensor, toTensor(input, part === width ? data : gather(data, size, width, at, part), size));
      at += part;
    }
    return feeds;
  }
}

/** Copies the part at `at` out of every row. */
function gather(data: Numbers, rows: number, width: number, at: number, own: number): Numbers {
  const part = data instanceof Float64Array ? new Float64Array(rows * own) : new Float32Array(rows * own);
  for (let row = 0; row < rows; row += 1) part.set(data.subarray(row * width + at, row * width + at + own), row * own);
  return part;
}

/** Copies rows, the last one again up to `size` of them. */
export function padded(rows: Numbers, width: number, size: number): Numbers {
  const data = rows instanceof Float64Array ? new Float64Array(size * width) : new Float32Array(size * width);
  data.set(rows);
  const last = rows.subarray(rows.length - width);
  for (let at = rows.length; at < data.length; at += width) data.set(last, at);
  return data;
}

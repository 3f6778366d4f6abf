import {
  dequantize,
  type Numbers,
  type OutputBatch,
  type Quantization,
  type TensorInfo,
} from '../../../common/core/index.ts';
import { abstain, type TargetVerdict } from '../targets/interpreter.ts';
import { contradictionOf } from './examine.ts';
import type { Answered, InputPlace, Part } from './part.ts';

/** Reads targets from their tensors: their columns alone, dequantized, beside what the model was given. */
export class TensorReader {
  #numbers = new Float64Array(0);
  #input = new Float64Array(0);
  #float16: ReadonlySet<string> = new Set();
  #fed: Answered['fed'] = (_, value) => Math.fround(value);

  /** Takes what is known of the model that answers. */
  learn(declared: readonly TensorInfo[], answered: Answered | undefined): void {
    this.#float16 = new Set(declared.flatMap(({ name, datatype }) => (datatype === 'FP16' ? [name] : [])));
    if (answered) this.#fed = answered.fed;
  }

  read(
    part: Part,
    batch: OutputBatch,
    row: number,
    summary: Float64Array,
    vector: Float64Array | undefined,
  ): TargetVerdict {
    const { tensor, columns, interpreter } = part;
    // The engine is asked for `outputs` in this order; the name says whether it kept to it.
    const index = batch.names[part.output] === tensor ? part.output : batch.names.indexOf(tensor);
    const data = batch.data[index];
    const width = batch.widths[index];
    if (data === undefined || width === undefined) return abstain(`the model has no output ${tensor}`);
    const { first, count } = columns ?? { first: 0, count: width };
    if (first + count > width || !interpreter.widths.includes(count)) return abstain(`${tensor} has ${width} columns`);
    const offset = row * width + first;
    const input = part.input && vector ? this.#fedInput(part.input, vector) : undefined;
    const { quantization } = part;
    const numbers = quantization ? this.#dequantized(data, offset, count, quantization) : data;
    const at = quantization ? 0 : offset;
    const verdict = interpreter.read(numbers, at, count, summary, part.at, input);
    if (verdict.output !== null) return contradictionOf(part, batch, row, numbers, at, count) ?? verdict;
    if (!this.#float16.has(tensor) || allFinite(data, offset, count)) return verdict;
    return abstain(
      `${verdict.reason}: a float16 overflow, beyond 65504; scale what the model is given, or export float32`,
    );
  }

  #dequantized(data: Numbers, offset: number, count: number, quantization: Quantization): Numbers {
    if (this.#numbers.length < count) this.#numbers = new Float64Array(count);
    for (let i = 0; i < count; i += 1) this.#numbers[i] = dequantize(data[offset + i] as number, quantization);
    return this.#numbers;
  }

  #fedInput({ tensor, at, length }: InputPlace, vector: Float64Array): Float64Array {
    if (this.#input.length < length) this.#input = new Float64Array(length);
    for (let i = 0; i < length; i += 1) this.#input[i] = this.#fed(tensor, vector[at + i] as number);
    return this.#input;
  }
}

function allFinite(data: Numbers, offset: number, count: number): boolean {
  for (let i = offset; i < offset + count; i += 1) if (!Number.isFinite(data[i])) return false;
  return true;
}

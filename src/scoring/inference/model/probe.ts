import type { GoldenCases, Numbers, OipTensor } from '../../../common/core/index.ts';
import { runFailed } from '../engine/errors.ts';
import { type BoundInput, rowsLieApart, toNumbers, widthOf } from '../engine/row.ts';
import { fromOip } from '../engine/tensors.ts';
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

/** One answered row: its input and all its outputs. */
interface Row {
  readonly input: Float64Array;
  readonly outputs: readonly Numbers[];
}

/**
 * Rows to try a model with: those of its golden cases, which are real, then seeded ones: normal numbers, which scaled
 * features resemble, for whole numbers and texts such as there are.
 */
export function probeInputs(inputs: readonly BoundInput[], count: number, golden?: GoldenCases): Float64Array[] {
  const real = (golden?.cases ?? []).flatMap((test) => goldenRows(inputs, test.inputs));
  const random = normalNumbers(1);
  const seeded = Array.from({ length: count }, () => join(inputs.map((input) => synthetic(input, random))));
  return [...real, ...seeded].slice(0, count);
}

/** Rows of a case that gives every input, and of each as many. */
function goldenRows(inputs: readonly BoundInput[], given: readonly OipTensor[]): Float64Array[] {
  const parts = inputs.map((input) => {
    const tensor = given.find(({ name }) => name === input.tensor);
    const data = tensor && tensor.datatype === input.datatype ? goldenNumbers(input, tensor) : undefined;
    return data && data.length % widthOf(input) === 0 && rowsLieApart(input) ? cut(data, widthOf(input)) : [];
  });
  const rows = Math.min(...parts.map((part) => part.length));
  return Array.from({ length: rows }, (_, row) => join(parts.map((part) => part[row] ?? new Float64Array())));
}

function goldenNumbers(input: BoundInput, tensor: OipTensor): Numbers | undefined {
  if (input.datatype !== 'BYTES') return toNumbers(fromOip(tensor));
  const width = widthOf(input);
  const codes = tensor.data.map((text, index) => {
    const found = [...(input.texts?.[index % width] ?? [])].find(([, known]) => known === text);
    return found?.[0];
  });
  return codes.every((code) => code !== undefined) ? Float64Array.from(codes as number[]) : undefined;
}

function synthetic({ datatype, texts, ...input }: BoundInput, random: () => number): Float64Array {
  return Float64Array.from({ length: widthOf(input) }, (_, column) => {
    const value = random();
    if (datatype === 'BYTES') {
      const codes = [...(texts?.[column]?.keys() ?? [])];
      return codes[Math.floor(Math.abs(value) * 100) % codes.length] ?? Number.NaN;
    }
    if (datatype === 'BOOL') return value > 0 ? 1 : 0;
    return datatype.startsWith('FP') ? value : Math.floor(Math.abs(value) * 2);
  });
}

function join(parts: readonly Numbers[]): Float64Array {
  const row = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    row.set(part, at);
    at += part.length;
  }
  return row;
}

const cut = (data: Numbers, width: number) =>
  Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width));

/** Deterministic standard normal numbers: a 32-bit linear congruential generator (Numerical Recipes) and Box-Muller. */
function normalNumbers(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * Tries a bound model with rows that it answered alone: whether batches of any size give the same bits. The runs
 * also warm the engine up, whose code starts at a sixth of its speed.
 */
export class Probe {
  readonly #client: WorkerClient;
  readonly #binding: Binding;
  readonly #width: number;
  #rows: readonly Row[] = [];

  constructor(client: WorkerClient, binding: Binding) {
    this.#client = client;
    this.#binding = binding;
    this.#width = inputWidth(binding);
  }

  /** Answers each input alone, to compare with. Throws where not one can be answered. */
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

  /** One batch of `count` of the learned rows; false where a row's bits are not those that it had alone. */
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

/** Batch sizes that take different paths through matrix kernels: whole tiles, and every remainder of small tiles. */
export function probeSizes(size: number): number[] {
  return [...new Set([size, 2, 3, 4, 5, 7, size - 1])].filter((count) => count >= 1 && count <= size);
}

import { dequantize, type GoldenCases, type Numbers, type OipTensor } from '../../../common/core/index.ts';
import { type BoundInput, rowsLieApart, toNumbers, widthOf } from '../engine/row.ts';
import { fromOip } from '../engine/tensors.ts';

/**
 * Makes `count` rows to try a model with: those of its golden cases, which are real, then seeded ones. These are normal
 * numbers, which scaled features resemble; whole numbers and texts are such as the input takes.
 */
export function probeInputs(inputs: readonly BoundInput[], count: number, golden?: GoldenCases): Float64Array[] {
  const real = (golden?.cases ?? []).flatMap((test) => goldenRows(inputs, test.inputs));
  const random = normalNumbers(1);
  const seeded = Array.from({ length: count }, () => join(inputs.map((input) => synthetic(input, random))));
  return [...real, ...seeded].slice(0, count);
}

/** Cuts a golden case into rows: as many as every input has. */
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
  const { quantization } = input;
  if (input.datatype !== 'BYTES') {
    const numbers = toNumbers(fromOip(tensor));
    return numbers && quantization ? numbers.map((value) => dequantize(value, quantization)) : numbers;
  }
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
    if (input.quantization) return value * input.quantization.scale * 32;
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

/**
 * Generates standard normal numbers, always the same: a 32-bit linear congruential generator (Numerical Recipes) and
 * Box-Muller.
 */
function normalNumbers(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

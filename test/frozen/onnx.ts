import { bytes, model, node, number, text, value } from '../onnx/protobuf.ts';

const FLOAT = 1;
const INT64 = 7;

/** A column of the answer: its name and how many numbers a row has of it. */
export interface Column {
  readonly name: string;
  readonly width: number;
}

/** The same odd weights always, none of them small: each number of a row shows in every answer. */
function weights(count: number, column: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.fround(Math.sin(1 + index * 0.7 + column * 1.3) / 2));
}

function little(values: readonly number[], width: 4 | 8, write: 'setFloat32' | 'setInt32'): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * width));
  for (const [index, each] of values.entries()) view[write](index * width, each, true);
  return new Uint8Array(view.buffer);
}

function constant(name: string, shape: readonly number[], type: number, raw: Uint8Array): number[] {
  return bytes(5, [
    ...shape.flatMap((size) => number(1, size)),
    ...number(2, type),
    ...text(8, name),
    ...bytes(9, raw),
  ]);
}

function operation(op: string, inputs: readonly string[], output: string): number[] {
  return bytes(1, [...inputs.flatMap((name) => text(1, name)), ...text(2, output), ...node(op)]);
}

/** A model without any training: each answer is a weighted sum of the whole row, whatever its axes. */
export function weightedSums(shape: readonly number[], columns: readonly Column[]): Uint8Array {
  const size = shape.reduce((product, axis) => product * axis, 1);
  const answers = columns.flatMap(({ name, width }, index) => [
    ...operation('MatMul', ['row', `${name} weights`], name),
    ...constant(`${name} weights`, [size, width], FLOAT, little(weights(size * width, index), 4, 'setFloat32')),
    ...bytes(12, value(name, ['N', width])),
  ]);
  return model([
    ...operation('Reshape', ['x', 'flat'], 'row'),
    ...constant('flat', [2], INT64, little([0, size], 8, 'setInt32')),
    ...bytes(11, value('x', ['N', ...shape])),
    ...answers,
  ]);
}

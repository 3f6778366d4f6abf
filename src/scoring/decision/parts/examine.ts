import { dequantize, type Numbers, type OutputBatch } from '../../../common/core/index.ts';
import { outputContradicted } from '../schema/errors.ts';
import { abstain, type TargetVerdict } from '../targets/interpreter.ts';
import type { Part } from './part.ts';
import { type Columns, chosenColumn, columnsOf, compare, noProbabilities, objectionTo, oddRow } from './witness.ts';

/** What a model's own label has against the columns of a target in a row; `offset` is that of the row's `width` columns. */
export function contradictionOf(
  { target, tensor, witness }: Part,
  batch: OutputBatch,
  row: number,
  data: Numbers,
  offset: number,
  width: number,
): TargetVerdict | undefined {
  if (witness?.greatest !== true || (target.kind !== 'binary' && target.kind !== 'classes')) return undefined;
  const places = batch.data[batch.names.indexOf(witness.tensor)];
  const column = chosenColumn(target, data, offset, width);
  const place = places?.[row] ?? -1;
  if (place < 0 || column < 0 || place === column) return undefined;
  return abstain(
    `the model's label ${witness.tensor} is ${witness.says[place]}, and ${tensor} says ${witness.says[column]}`,
  );
}

/**
 * Holds a target against what the model itself says of trial rows. Throws `decision.output-contradicted`, with the
 * subject; returns what has to be known although it is not refused, in sentences.
 */
export function examinePart(part: Part, batch: OutputBatch, rows: number, subject: string): string[] {
  const { name, tensor, target, witness } = part;
  const columns = ownColumns(part, batch, rows);
  if (columns === undefined) return [];
  const places = witness && columnsOf(batch, witness.tensor);
  const objection = objectionTo(target, witness, columns, places?.width === 1 ? places.data : undefined, rows);
  if (objection !== undefined) {
    throw outputContradicted(subject, `target ${name}: ${objection.reason}`, {
      path: `outputs.${name}`,
      hint: objection.hint,
    });
  }
  if (target.kind !== 'binary' && target.kind !== 'classes') return [];
  const odd = noProbabilities(target, columns, rows);
  if (odd !== undefined) return [`target ${name}: ${oddRow(target, columns, odd)}; such a row abstains`];
  if (!witness || places?.width !== 1) return [];
  const { compared, contradicted } = compare(target, witness, columns, places.data, rows);
  if (contradicted === 0) return [];
  return [
    `target ${name}: the model's own label ${witness.tensor} is not the greatest of ${tensor} in ${contradicted} of ${compared} trial rows; it is chosen in another way, as by scikit-learn's SVC(probability=True), so the answer may differ from its predict()`,
  ];
}

/** The columns that a target reads, dequantized, row after row; undefined where the batch has none. */
function ownColumns({ tensor, columns, quantization }: Part, batch: OutputBatch, rows: number): Columns | undefined {
  const all = columnsOf(batch, tensor);
  if (all === undefined || (columns === undefined && quantization === undefined)) return all;
  const { first, count } = columns ?? { first: 0, count: all.width };
  if (first + count > all.width) return undefined;
  const data = new Float64Array(rows * count);
  for (let i = 0; i < data.length; i += 1) {
    const value = all.data[Math.floor(i / count) * all.width + first + (i % count)] as number;
    data[i] = quantization ? dequantize(value, quantization) : value;
  }
  return { data, width: count };
}

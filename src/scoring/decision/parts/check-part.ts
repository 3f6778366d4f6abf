import type { Datatype, TensorInfo } from '../../../common/core/index.ts';
import { outputMismatch } from '../schema/errors.ts';
import type { Target } from '../schema/schema.ts';
import type { Part } from './part.ts';

/** Whole numbers of few bits: in the answer of a model they stand for others. */
const QUANTIZED: ReadonlySet<Datatype> = new Set(['INT8', 'UINT8', 'INT16', 'UINT16']);

const ONE = (name: string, last: number) =>
  `Say which of them it is: outputs.${name}.column, from 0 to ${last}; a forecast reads several: columns: [0, ${last}] and steps.`;

/** What to do where a tensor has not the columns that a kind of target takes. */
const COLUMNS: Readonly<Record<Target['kind'], (name: string, last: number) => string>> = {
  regression: ONE,
  score: (name, last) => `Say which of them it is: outputs.${name}.column, from 0 to ${last}.`,
  label: (name, last) => `Say which of them it is: outputs.${name}.column, from 0 to ${last}.`,
  binary: (name) =>
    `Give it one column per label, or one of the positive label alone: outputs.${name}.column or columns; more than two labels are a target of kind classes.`,
  classes: (name) =>
    `Give it one column per label: name in \`labels\` what the model's columns stand for, all of them, in their order, or those of outputs.${name}.columns.`,
  reconstruction: () => 'The output must have as many numbers as the input that it is held against, in the same order.',
};

const show = (shape: readonly number[]) => `[${shape.map((size) => (size < 0 ? 'N' : size)).join(',')}]`;
const widthOf = (shape: readonly number[]) => shape.reduce((product, dimension) => product * dimension, 1);

/**
 * Holds a target against the tensor that it reads: what the model gave to one row where that is known, else what it
 * declares. Throws `decision.output-mismatch`, with the shapes and what to write.
 */
export function checkPart(
  part: Part,
  declared: readonly TensorInfo[],
  given: readonly TensorInfo[],
  subject: string,
): void {
  const { name, kind, tensor, interpreter, columns } = part;
  const path = `outputs.${name}`;
  const found = declared.find((info) => info.name === tensor);
  if (found === undefined) {
    const known = declared.map((info) => info.name).join(', ');
    throw outputMismatch(subject, `target ${name} reads ${tensor}, and the model has only ${known}`, { path });
  }
  checkDatatype(part, found.datatype, subject);
  const answer = given.find((info) => info.name === tensor)?.shape;
  const shape = answer ?? found.shape.slice(1);
  if (shape.some((dimension) => dimension < 0)) return;
  const width = widthOf(shape);
  const shapes = answer ? `: it gives ${show(answer)} for one row, and declares ${show(found.shape)}` : '';
  if (columns !== undefined && columns.first + columns.count > width) {
    const reason = `target ${name} reads column ${columns.first + columns.count - 1}, and its tensor ${tensor} has ${width}${shapes}`;
    throw outputMismatch(subject, reason, { path, hint: `The first column is 0, the last ${width - 1}.` });
  }
  const read = columns?.count ?? width;
  if (interpreter.widths.includes(read)) return;
  const wanted = interpreter.widths.join(' or ');
  const reason = `target ${name} of kind ${kind} takes ${wanted} column(s), and ${columns ? 'is given' : `its tensor ${tensor} has`} ${read}${shapes}`;
  throw outputMismatch(subject, reason, { path, hint: COLUMNS[kind](name, width - 1) });
}

function checkDatatype({ name, kind, tensor, quantization }: Part, datatype: Datatype, subject: string): void {
  const path = `outputs.${name}.quantization`;
  if (quantization !== undefined && !datatype.includes('INT')) {
    throw outputMismatch(subject, `${tensor} is ${datatype}, and target ${name} has a quantization`, {
      path,
      hint: 'Leave quantization out: only whole numbers stand for others.',
    });
  }
  if (kind === 'label' || quantization !== undefined || !QUANTIZED.has(datatype)) return;
  throw outputMismatch(subject, `target ${name} reads ${tensor}, which is ${datatype}: quantized, without its scale`, {
    path,
    hint: `Write what its whole numbers stand for: outputs.${name}.quantization: {"scale": ..., "zeroPoint": ...}, as the last QuantizeLinear of the model has it; whole numbers that name a label are of kind label.`,
  });
}

import type { ModelUse, RowInput, TensorInfo } from '../../../common/core/index.ts';
import type { SessionInfo } from '../engine/engine.ts';
import { inputMismatch, notATensor, outputMismatch, unsupportedType } from '../engine/errors.ts';
import { type BoundInput, INTEGER_RANGES, rowsLieApart, widthOf } from '../engine/row.ts';

/** Inputs of a use with the datatypes that the model gives them. */
export interface BoundInputs {
  readonly inputs: readonly BoundInput[];
  /** True where rows may share a run, as far as shapes tell. */
  readonly free: boolean;
  /** Rows that each run must have, where the model takes no other number and more than one. */
  readonly fixed?: number;
}

/** A batch of any number of rows. */
const FREE = -1;

const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));
const show = (shape: readonly number[]) => `[${shape.map((size) => (size < 0 ? 'N' : size)).join(',')}]`;

/**
 * Holds a pipeline's use of a model against what the model has. Throws `inference.input-mismatch`, `.output-mismatch`,
 * `.unsupported-type` and `.not-a-tensor`, with what was expected and what the model has.
 */
export function bindInputs(use: ModelUse, info: SessionInfo): BoundInputs {
  const { name, inputs, constants = [], states = [], outputs, labels } = use;
  const known = [...info.inputs.map((tensor) => tensor.name), ...info.opaque.inputs];
  const parts: RowInput[] = [...inputs, ...states.map(({ input, shape }) => ({ tensor: input, shape }))];
  const fed = [...parts.map(({ tensor }) => tensor), ...constants.map((constant) => constant.name)];
  const stranger = fed.find((tensor) => !info.inputs.some((input) => input.name === tensor));
  if (stranger !== undefined) {
    throw inputMismatch(name, `expected an input ${stranger}, the model has ${list(known)}`);
  }
  const missing = known.filter((tensor) => !fed.includes(tensor));
  if (missing.length > 0) {
    throw inputMismatch(name, `expected the input ${list(fed)} alone, the model has ${list(known)}`, {
      hint: 'Name every input of the model in the manifest: under input.tensors, as a constant, or as a state.',
    });
  }
  const bound = parts.map((part) => {
    const tensor = info.inputs.find((input) => input.name === part.tensor) as TensorInfo;
    return { part: { ...part, datatype: tensor.datatype }, batch: checkInput(name, tensor, part) };
  });
  const [batch = FREE, other] = new Set(bound.map((input) => input.batch));
  const apart = bound.some((input) => !rowsLieApart(input.part));
  if (Math.max(...bound.map((input) => input.batch)) > 1 && (other !== undefined || apart)) {
    throw inputMismatch(name, `its inputs take different numbers of rows at once: ${shapesOf(info)}`, {
      hint: 'Export the model with a free first dimension (dynamic_axes, dynamic_shapes), or with batch 1.',
    });
  }
  for (const { input, output } of states) checkState(name, input, output, info);
  for (const output of outputs) checkOutput(name, output, info, labels?.has(output));
  return {
    inputs: bound.map(({ part }) => part),
    free: !apart && bound.every((input) => input.batch !== 1),
    ...(batch > 1 ? { fixed: batch } : {}),
  };
}

function checkOutput(name: string, output: string, info: SessionInfo, labels = false): TensorInfo {
  if (info.opaque.outputs.includes(output)) throw notATensor(name, `output ${output} is a sequence or a map`);
  const found = info.outputs.find((tensor) => tensor.name === output);
  if (found === undefined) {
    throw outputMismatch(name, `expected an output ${output}, the model has ${list(info.outputs.map((o) => o.name))}`);
  }
  if (found.datatype === 'BYTES' && !labels) {
    throw unsupportedType(name, `output ${output} is text, expected numbers`, {
      hint: 'Use the output with the probabilities (of a classifier with ZipMap it is a tensor, a column a class), or declare a target of kind label.',
    });
  }
  return found;
}

function checkState(name: string, input: string, output: string, info: SessionInfo): void {
  const given = checkOutput(name, output, info).datatype;
  const taken = info.inputs.find((tensor) => tensor.name === input)?.datatype;
  if (given !== taken) throw inputMismatch(name, `state ${input} is ${taken}, and ${output} gives ${given}`);
}

function checkQuantization(name: string, tensor: string, datatype: TensorInfo['datatype'], part: RowInput): void {
  if (part.quantization === undefined) return;
  const { zeroPoint } = part.quantization;
  const range = datatype === 'BOOL' ? undefined : INTEGER_RANGES[datatype];
  if (range === undefined) {
    throw inputMismatch(name, `input ${tensor} is ${datatype}, and the manifest has a quantization for it`, {
      hint: 'Leave quantization out: only whole numbers stand for others.',
    });
  }
  if (zeroPoint >= range[0] && zeroPoint <= range[1]) return;
  throw inputMismatch(name, `input ${tensor} is ${datatype}, which does not hold the zero point ${zeroPoint}`, {
    hint: `Give the zero point of the model's first DequantizeLinear: ${range[0]} to ${range[1]}.`,
  });
}

const shapesOf = (info: SessionInfo) => info.inputs.map(({ name, shape }) => `${name} ${show(shape)}`).join(', ');

/** Checks one input; gives the number of rows that it takes at once, `FREE` for any. */
function checkInput(name: string, { name: tensor, datatype, shape }: TensorInfo, part: RowInput): number {
  checkQuantization(name, tensor, datatype, part);
  if (part.gaps && !datatype.startsWith('FP')) {
    throw inputMismatch(name, `input ${tensor} is ${datatype}, which has no NaN for a missing ${part.gaps[0]}`, {
      hint: `Give a number or a category in its place: tags.${part.gaps[0]}.missing: {"fill": ...}.`,
    });
  }
  if (datatype === 'BYTES' && !(part.texts ?? []).every((texts) => texts !== undefined && texts.size > 0)) {
    throw unsupportedType(name, `input ${tensor} takes text`, {
      hint: 'Give the texts of its tags in the manifest: tags.NAME.values, a number for each.',
    });
  }
  if (datatype === 'BYTES' && part.texts === undefined) throw unsupportedType(name, `input ${tensor} takes text`);
  // The engine reports an unknown rank as no dimensions at all: whether rows fit then shows in a run.
  if (shape.length === 0) return FREE;
  const wanted = part.shape.includes(-1) ? part.shape : [-1, ...part.shape];
  const axis = wanted.indexOf(-1);
  const fits =
    shape.length === wanted.length &&
    shape.every((size, index) => index === axis || size === -1 || size === wanted[index]);
  if (!fits || widthOf(part) === 0) {
    throw inputMismatch(name, `expected input ${tensor} ${show(wanted)}, the model has ${show(shape)}`);
  }
  return shape[axis] ?? FREE;
}

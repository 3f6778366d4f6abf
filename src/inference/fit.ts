import { elementCount, type TensorInfo } from '../core/index.ts';
import type { SessionInfo } from './engine.ts';
import { inputMismatch, notATensor, outputMismatch, severalInputs, unsupportedType } from './errors.ts';

/** What a pipeline will feed and fetch. */
export interface ModelUse {
  readonly name: string;
  readonly input: { readonly tensor: string /** Of one row, without the batch. */; readonly shape: readonly number[] };
  readonly outputs: readonly string[];
}

const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));
const show = (shape: readonly number[]) => `[${shape.map((size) => (size < 0 ? 'N' : size)).join(',')}]`;

/** Holds a pipeline's use of a model against what the model is; refuses with expected and actual. True: the batch is free. */
export function fitModel({ name, input, outputs }: ModelUse, info: SessionInfo): boolean {
  const inputs = [...info.inputs.map((tensor) => tensor.name), ...info.opaque.inputs];
  if (!info.inputs.some((tensor) => tensor.name === input.tensor)) {
    throw inputMismatch(name, `expected an input ${input.tensor}, the model has ${list(inputs)}`);
  }
  if (inputs.length > 1)
    throw severalInputs(name, `expected the input ${input.tensor} alone, the model has ${list(inputs)}`);
  const free = info.inputs.every((tensor) => checkInput(name, tensor, input.shape));
  for (const output of outputs) checkOutput(name, output, info);
  return free;
}

function checkOutput(name: string, output: string, info: SessionInfo): void {
  if (info.opaque.outputs.includes(output)) throw notATensor(name, `output ${output} is a sequence or a map`);
  const found = info.outputs.find((tensor) => tensor.name === output);
  if (found === undefined) {
    throw outputMismatch(name, `expected an output ${output}, the model has ${list(info.outputs.map((o) => o.name))}`);
  }
  if (found.datatype !== 'FP32') throw unsupportedType(name, `output ${output} is ${found.datatype}, expected FP32`);
}

function checkInput(name: string, { name: tensor, datatype, shape }: TensorInfo, row: readonly number[]): boolean {
  if (datatype !== 'FP32') throw unsupportedType(name, `input ${tensor} is ${datatype}, expected FP32`);
  // The engine reports an unknown rank as no dimensions at all; whether rows fit then shows when they run.
  if (shape.length === 0) return true;
  const [batch = -1, ...rest] = shape;
  const fits = rest.length === row.length && rest.every((size, index) => size === -1 || size === row[index]);
  if (!fits || elementCount(row) === 0) {
    throw inputMismatch(name, `expected input ${tensor} ${show([-1, ...row])}, the model has ${show(shape)}`);
  }
  if (batch > 1) {
    throw inputMismatch(name, `input ${tensor} ${show(shape)} takes exactly ${batch} rows at once`, {
      hint: 'Export the model with a free first dimension (dynamic_axes, dynamic_shapes), or with batch 1.',
    });
  }
  return batch === -1;
}

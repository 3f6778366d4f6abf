import type { GoldenCases, OipTensor, TensorInfo } from '../../../common/core/index.ts';
import { goldenInvalid } from '../../../common/onnx/index.ts';
import type { SessionInfo } from '../engine/engine.ts';
import { notATensor } from '../engine/errors.ts';

/** Model that golden cases are for. */
export interface GoldenModel {
  /** Subject of errors for which the model, not the file, is to blame. */
  readonly name: string;
  readonly session: SessionInfo;
}

const list = (tensors: readonly { readonly name: string }[]) => tensors.map(({ name }) => name).join(', ') || 'none';

/**
 * Holds names and datatypes of golden cases against what the model has, without running it. Throws
 * `inference.golden-invalid` and `.not-a-tensor`.
 */
export function checkGolden(golden: GoldenCases, { name, session }: GoldenModel): void {
  const { inputs, outputs, opaque } = session;
  if (opaque.inputs.length > 0) throw notATensor(name, `input ${opaque.inputs[0]} is a sequence or a map`);
  for (const [index, test] of golden.cases.entries()) {
    const opaqueOutput = test.outputs.find((output) => opaque.outputs.includes(output.name));
    if (opaqueOutput) throw notATensor(name, `output ${opaqueOutput.name} is a sequence or a map`);
    const wrong =
      problemOf('input', test.inputs, inputs) ??
      missing(test.inputs, inputs) ??
      problemOf('output', test.outputs, outputs);
    if (wrong !== undefined) throw caseInvalid(golden, index, wrong);
  }
}

/** Makes `inference.golden-invalid` of a case, with the file where it is known. */
export function caseInvalid({ file = 'golden.json' }: GoldenCases, index: number, reason: string, cause?: unknown) {
  return goldenInvalid(file, `case ${index}: ${reason}`, { path: `cases.${index}`, cause });
}

function problemOf(side: 'input' | 'output', given: readonly OipTensor[], known: readonly TensorInfo[]) {
  for (const { name, datatype } of given) {
    const tensor = known.find((info) => info.name === name);
    if (tensor === undefined) return `the model has no ${side} ${name}; its ${side}s: ${list(known)}`;
    if (tensor.datatype !== datatype) return `${side} ${name} is ${datatype}, in the model it is ${tensor.datatype}`;
  }
  return undefined;
}

function missing(given: readonly OipTensor[], known: readonly TensorInfo[]): string | undefined {
  const lacking = known.filter(({ name }) => !given.some((tensor) => tensor.name === name));
  if (lacking.length === 0) return undefined;
  return `the input ${list(lacking)} is missing; the model's inputs: ${list(known)}, given: ${list(given)}`;
}

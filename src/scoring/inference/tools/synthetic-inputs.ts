import { EdgewrightError, elementCount, reasonOf, type TensorInfo } from '../../../common/core/index.ts';
import { notATensor, runFailed } from '../engine/errors.ts';
import { createData, type EngineTensor } from '../engine/tensors.ts';
import type { SandboxedModel } from './model-sandbox.ts';

/** Sizes that free dimensions are given, one after the other, until the model runs. */
const TRIAL_SIZES = [1, 2, 16, 64] as const;

/** Most elements of one input. */
const MAX_ELEMENTS = 2 ** 24;

/**
 * Finds synthetic inputs that the model answers. Throws `inference.run-failed` and `.not-a-tensor` where there are
 * none.
 */
export async function syntheticInputs(
  name: string,
  { session: { inputs, outputs, opaque }, client }: SandboxedModel,
): Promise<ReadonlyMap<string, EngineTensor>> {
  if (opaque.inputs.length > 0) throw notATensor(name, `input ${opaque.inputs[0]} is a sequence or a map`);
  if (outputs.length === 0) throw notATensor(name, `its outputs are sequences or maps: ${opaque.outputs.join(', ')}`);
  const names = outputs.map((output) => output.name);
  let failure = runFailed(name, 'its inputs are too large to be made up');
  for (const size of TRIAL_SIZES) {
    const made = synthesize(inputs, size);
    if (made === undefined) break;
    try {
      await client.infer(made, names);
      return made;
    } catch (error) {
      if (!(error instanceof EdgewrightError) || error.code !== runFailed.kind.code) throw error;
      failure = error;
    }
  }
  throw runFailed(name, `made-up inputs were not answered: ${reasonOf(failure)}`, {
    hint: 'Give golden cases beside the model: its free dimensions may depend on one another.',
  });
}

/** Makes inputs of ones, true and "a", with all free dimensions of one size; undefined where they are too large. */
function synthesize(inputs: readonly TensorInfo[], size: number): Map<string, EngineTensor> | undefined {
  const tensors = new Map<string, EngineTensor>();
  for (const { name, datatype, shape: declared } of inputs) {
    const shape = declared.map((dimension) => (dimension === -1 ? size : dimension));
    if (elementCount(shape) > MAX_ELEMENTS) return undefined;
    const data = createData(datatype, elementCount(shape));
    for (let index = 0; index < data.length; index += 1) Object.assign(data, { [index]: one(datatype) });
    tensors.set(name, { datatype, shape, data });
  }
  return tensors;
}

function one(datatype: TensorInfo['datatype']): number | bigint | string {
  if (datatype === 'BYTES') return 'a';
  if (datatype === 'INT64' || datatype === 'UINT64') return 1n;
  return datatype === 'FP16' ? 0x3c00 : 1;
}

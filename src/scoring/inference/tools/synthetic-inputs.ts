import { elementCount, type TensorInfo } from '../../../common/core/index.ts';
import { createData, type EngineTensor } from '../engine/tensors.ts';

/** Sizes that free dimensions are given, one after the other, until the model can run. */
export const TRIAL_SIZES = [1, 2, 16, 64] as const;

/** More elements than this are not made up. */
const MAX_ELEMENTS = 2 ** 24;

/** Inputs for a model of which nobody gave any: ones, true, "a"; free dimensions all of one size. Undefined: too large. */
export function synthesizeInputs(inputs: readonly TensorInfo[], size: number): Map<string, EngineTensor> | undefined {
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

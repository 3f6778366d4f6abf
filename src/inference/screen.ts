import { EdgewrightError } from '../core/index.ts';
import { describeModel, type ModelDescription, type ValueInfo } from '../onnx/index.ts';
import { NEWEST_OPSET } from './engine.ts';
import { externalData, operatorUnavailable, unsupportedType } from './errors.ts';
import { isSupported } from './tensors.ts';

/** Reads the file's description and refuses, without running anything, what no engine here can load. */
export function screenModel(name: string, bytes: Uint8Array): ModelDescription {
  const description = named(name, () => describeModel(bytes));
  if (description.externalData) throw externalData(name, 'its weights lie in other files');
  const opset = description.opsets['ai.onnx'] ?? 0;
  if (opset > NEWEST_OPSET) throw operatorUnavailable(name, `opset ${opset}, newest known ${NEWEST_OPSET}`);
  for (const value of [...description.inputs, ...description.outputs]) refuseType(name, value);
  return description;
}

function refuseType(name: string, { name: value, type, datatype }: ValueInfo): void {
  const exchangeable = !type.startsWith('tensor(') || isSupported(datatype);
  if (!exchangeable) throw unsupportedType(name, `${value} is ${type}`);
}

/** The reader does not know which model it reads. */
function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EdgewrightError)) throw error;
    throw new EdgewrightError(error.kind, name, error.message.slice(`${error.subject}: `.length), { cause: error });
  }
}

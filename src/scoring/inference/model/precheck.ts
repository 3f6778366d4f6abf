import { EdgewrightError } from '../../../common/core/index.ts';
import { describeModel, editModel, type ModelDescription, type ValueInfo } from '../../../common/onnx/index.ts';
import { NEWEST_OPSET } from '../engine/engine.ts';
import { externalData, inputMismatch, operatorUnavailable, unsupportedType } from '../engine/errors.ts';
import { isSupported } from '../engine/tensors.ts';

/** What belongs to a model and is not in its file. */
export interface Extras {
  /** Names of optional inputs that will be fed. */
  readonly given?: readonly string[];
  /** Files beside the model that hold its weights, by name. */
  readonly external?: ReadonlyMap<string, Uint8Array>;
}

/** A model that an engine may be given. */
export interface PrecheckedModel {
  readonly description: ModelDescription;
  /** Without its ZipMaps, and without the defaults of inputs that will be given; else the bytes as they came. */
  readonly bytes: Uint8Array;
}

/** Reads the file's description, refuses, without running anything, what no engine can load, and makes it ready. */
export function precheck(name: string, bytes: Uint8Array, extras: Extras = {}): PrecheckedModel {
  const prechecked = prepareFile(name, bytes, extras);
  const { description } = prechecked;
  if (description.externalData) {
    throw externalData(name, `its weights lie in other files: ${description.externalFiles.join(', ')}`);
  }
  const opset = description.opsets['ai.onnx'] ?? 0;
  if (opset > NEWEST_OPSET) throw operatorUnavailable(name, `opset ${opset}, newest known ${NEWEST_OPSET}`);
  for (const value of [...description.inputs, ...description.outputs]) refuseType(name, value);
  return prechecked;
}

/** Throws `onnx.*` with the model's name, which the reader does not know. */
export function readDescription(name: string, bytes: Uint8Array): ModelDescription {
  try {
    return describeModel(bytes);
  } catch (error) {
    if (!(error instanceof EdgewrightError)) throw error;
    throw new EdgewrightError(error.kind, name, error.message.slice(`${error.subject}: `.length), { cause: error });
  }
}

function prepareFile(name: string, bytes: Uint8Array, { given = [], external = new Map() }: Extras): PrecheckedModel {
  const description = readDescription(name, bytes);
  const { zipMaps, optionalInputs, opsets, externalFiles } = description;
  const optional = given.filter((input) => optionalInputs.some((value) => value.name === input));
  if (description.format === 'ort') {
    // An edit is one of protobuf fields.
    if (optional.length === 0) return { description, bytes };
    throw inputMismatch(name, `its input ${optional.join(', ')} has a default, which a .ort file cannot be rid of`, {
      hint: 'Give the .onnx that the .ort file was made from, where the default makes way, or leave the input out.',
    });
  }
  // What stands in for a ZipMap is an operator of the default domain.
  const replaceable = opsets['ai.onnx'] === undefined ? {} : zipMaps;
  const found = externalFiles.some((file) => external.has(file));
  if (Object.keys(replaceable).length === 0 && optional.length === 0 && !found) return { description, bytes };
  const edited = editModel(bytes, { zipMaps: replaceable, given: optional, external });
  return { description: readDescription(name, edited), bytes: edited };
}

function refuseType(name: string, { name: value, type, datatype }: ValueInfo): void {
  const exchangeable = !type.startsWith('tensor(') || isSupported(datatype);
  if (!exchangeable) throw unsupportedType(name, `${value} is ${type}`);
}

import { EdgewrightError } from '../../../common/core/index.ts';
import { describeModel, editModel, type ModelDescription, type ValueInfo } from '../../../common/onnx/index.ts';
import { NEWEST_IR, NEWEST_OPSETS, OLDEST_OPSET } from '../engine/engine.ts';
import {
  externalData,
  formatTooNew,
  inputMismatch,
  modelRefused,
  operatorUnavailable,
  unsupportedType,
} from '../engine/errors.ts';
import { isSupported } from '../engine/tensors.ts';

/** Parts of a model that are not in its file. */
export interface Extras {
  /** Names of the inputs that will be given; those among them with a default in the file lose it. */
  readonly given?: readonly string[];
  /** Files beside the model that hold its weights, by name. */
  readonly external?: ReadonlyMap<string, Uint8Array>;
}

/** Model that an engine may be given. */
export interface PrecheckedModel {
  readonly description: ModelDescription;
  /** Model without its ZipMaps and without the defaults of given inputs; where it has none, the bytes as they came. */
  readonly bytes: Uint8Array;
}

/**
 * Reads a model's description, refuses what no engine can load, and makes the rest ready, all without running anything.
 * Throws `onnx.*`, `inference.external-data`, `.format-too-new`, `.operator-unavailable`, `.unsupported-type` and `.input-mismatch`.
 */
export function precheck(name: string, bytes: Uint8Array, extras: Extras = {}): PrecheckedModel {
  const prechecked = prepareFile(name, bytes, extras);
  const { description } = prechecked;
  if (description.externalData) {
    throw externalData(name, `its weights lie in other files: ${description.externalFiles.join(', ')}`);
  }
  refuseVersions(name, description);
  for (const value of [...description.inputs, ...description.outputs]) refuseType(name, value);
  return prechecked;
}

/** Refuses what is newer than the engines, by its name, before an engine says so in its own words. */
function refuseVersions(name: string, { format, irVersion, opsets }: ModelDescription): void {
  for (const [domain, version] of Object.entries(opsets)) {
    const newest = NEWEST_OPSETS[domain] ?? Number.POSITIVE_INFINITY;
    if (version <= newest) continue;
    const target =
      domain === 'ai.onnx' ? 'target_opset=21, or opset_version=21' : `target_opset={"": 21, "${domain}": 3}`;
    throw operatorUnavailable(
      name,
      `it has opset ${version} of ${domain}, and the newest that the engines know is ${newest}`,
      {
        hint: `Export it again with an older one (${target}), or convert it: onnx.version_converter.convert_version(model, 21).`,
      },
    );
  }
  if (format === 'onnx' && irVersion > NEWEST_IR) {
    throw formatTooNew(
      name,
      `its file has IR version ${irVersion}, and the newest that the engines read is ${NEWEST_IR}`,
    );
  }
}

/** Adds to an engine's refusal of a model that the model is older than what engines have whole. */
export function explained(error: unknown, { opsets }: ModelDescription): unknown {
  const opset = opsets['ai.onnx'] ?? OLDEST_OPSET;
  if (opset >= OLDEST_OPSET || !(error instanceof EdgewrightError)) return error;
  if (error.code !== modelRefused.kind.code && error.code !== operatorUnavailable.kind.code) return error;
  const reason = `its opset ${opset} is older than ${OLDEST_OPSET}, from which on the engines have every operator; ${error.message.slice(`${error.subject}: `.length)}`;
  return new EdgewrightError(error.kind, error.subject, reason, {
    cause: error,
    hint: 'Convert it: onnx.version_converter.convert_version(model, 17), or export it again with opset 17 to 21.',
  });
}

/** Reads a model's description. Throws `onnx.*` with the model's name, which the reader of files does not know. */
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
    // Defaults are taken out of protobuf fields, which an ORT file has not.
    if (optional.length === 0) return { description, bytes };
    throw inputMismatch(name, `its input ${optional.join(', ')} has a default, which a .ort file cannot be rid of`, {
      hint: 'Give the .onnx that the .ort file was made from, where the default makes way, or leave the input out.',
    });
  }
  // A ZipMap is replaced by an operator of the default domain, which the model has to declare.
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

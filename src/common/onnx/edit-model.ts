import { malformed, tooLarge } from './errors.ts';
import { DEFAULT_READ_LIMITS } from './read-limits.ts';
import { readTensor } from './tensor-head.ts';
import { readValueInfo } from './value-info.ts';
import { type Bytes, join, messageField, numberField, textField } from './wire-fields.ts';
import { WireReader } from './wire-reader.ts';

/** Edits of a model. */
export interface Edits {
  /** Labels of a ZipMap's columns by the name of its output, which becomes the tensor that the ZipMap reads. */
  readonly zipMaps: Readonly<Record<string, readonly string[]>>;
  /** Names of optional inputs that lose their defaults: engines take no input that has one. */
  readonly given: readonly string[];
  /** Content of the files that hold tensors, by the model's name for them: it is put into the model. */
  readonly external: ReadonlyMap<string, Uint8Array>;
}

/** Number of FLOAT in onnx.proto's TensorProto.DataType. */
const FLOAT = 1;
/** Field numbers of TensorProto. */
const RAW_DATA = 9;
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;

/** Copies an ONNX model with edits made; everything else keeps its bytes. Throws `onnx.*`. */
export function editModel(bytes: Uint8Array, edits: Edits): Uint8Array {
  const reader = new WireReader({ bytes, fieldsLeft: DEFAULT_READ_LIMITS.fields, maxName: DEFAULT_READ_LIMITS.name });
  const parts: Uint8Array[] = [];
  while (reader.next()) {
    if (reader.field === 7) parts.push(...messageField(7, editGraph(reader.message(), edits)));
    else parts.push(reader.raw());
  }
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  // Many tensors may lie in the same part of one file.
  if (length > DEFAULT_READ_LIMITS.bytes) throw tooLarge('model', `${length} bytes with its external data`);
  return join(parts);
}

function editGraph(reader: WireReader, edits: Edits): Bytes {
  const { zipMaps } = edits;
  const parts: Uint8Array[] = [];
  while (reader.next()) {
    const raw = reader.raw();
    if (reader.field === 1) parts.push(...editNode(reader.message(), raw, zipMaps));
    else if (reader.field === 5) parts.push(...editInitializer(reader, raw, edits));
    else if (reader.field === 12) parts.push(...editOutput(reader.message(), raw, zipMaps));
    else parts.push(raw);
  }
  return parts;
}

function editInitializer(field: WireReader, raw: Uint8Array, { given, external }: Edits): Bytes {
  const head = readTensor(field.message());
  if (given.includes(head.name)) return [];
  const file = head.external && external.get(head.external.location);
  if (head.external === undefined || file === undefined) return [raw];
  const { location, offset, length = file.length - offset } = head.external;
  const end = offset + length;
  if (
    !(Number.isSafeInteger(offset) && Number.isSafeInteger(end) && offset >= 0 && length >= 0 && end <= file.length)
  ) {
    throw malformed(
      'model',
      `${head.name} is said to be at ${offset} to ${end} of ${location}, which has ${file.length} bytes`,
    );
  }
  const kept: Uint8Array[] = [];
  const tensor = field.message();
  while (tensor.next()) if (tensor.field !== EXTERNAL_DATA && tensor.field !== DATA_LOCATION) kept.push(tensor.raw());
  return messageField(5, [...kept, ...messageField(RAW_DATA, [file.subarray(offset, end)])]);
}

function editNode(reader: WireReader, raw: Uint8Array, zipMaps: Edits['zipMaps']): Bytes {
  let input = '';
  let output = '';
  let op = '';
  while (reader.next()) {
    if (reader.field === 1) input = reader.text();
    else if (reader.field === 2) output = reader.text();
    else if (reader.field === 4) op = reader.text();
  }
  if (op !== 'ZipMap' || !Object.hasOwn(zipMaps, output)) return [raw];
  return messageField(1, [...textField(1, input), ...textField(2, output), ...textField(4, 'Identity')]);
}

function editOutput(reader: WireReader, raw: Uint8Array, zipMaps: Edits['zipMaps']): Bytes {
  const { name } = readValueInfo(reader);
  const labels = Object.hasOwn(zipMaps, name) ? zipMaps[name] : undefined;
  if (labels === undefined) return [raw];
  const columns = labels.length > 0 ? numberField(1, labels.length) : [];
  const shape = [...messageField(1, textField(2, 'N')), ...messageField(1, columns)];
  const tensor = [...numberField(1, FLOAT), ...messageField(2, shape)];
  return messageField(12, [...textField(1, name), ...messageField(2, messageField(1, tensor))]);
}

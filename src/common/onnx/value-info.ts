import type { Datatype } from '../core/index.ts';
import type { WireReader } from './wire-reader.ts';

/** Input or output as the file declares it. */
export interface ValueInfo {
  readonly name: string;
  /** Type as ONNX Runtime writes it: `tensor(float)`, `seq(map(int64,tensor(float)))`. */
  readonly type: string;
  /** Datatype; undefined where the Open Inference Protocol has no such tensor. */
  readonly datatype: Datatype | undefined;
  /** Sizes, -1 for a free dimension; undefined where not even the rank is declared. */
  readonly shape: readonly number[] | undefined;
}

/** Element types by number of TensorProto.DataType: ONNX Runtime's name, then the Open Inference Protocol's. */
const elements: readonly (readonly [string, Datatype?])[] = [
  ['undefined'],
  ['float', 'FP32'],
  ['uint8', 'UINT8'],
  ['int8', 'INT8'],
  ['uint16', 'UINT16'],
  ['int16', 'INT16'],
  ['int32', 'INT32'],
  ['int64', 'INT64'],
  ['string', 'BYTES'],
  ['bool', 'BOOL'],
  ['float16', 'FP16'],
  ['double', 'FP64'],
  ['uint32', 'UINT32'],
  ['uint64', 'UINT64'],
  ['complex64'],
  ['complex128'],
  ['bfloat16', 'BF16'],
  ['float8e4m3fn'],
  ['float8e4m3fnuz'],
  ['float8e5m2'],
  ['float8e5m2fnuz'],
  ['uint4'],
  ['int4'],
  ['float4e2m1'],
  ['float8e8m0'],
  ['uint2'],
  ['int2'],
];

/** Name that ONNX Runtime has for an element type. */
export const elementName = (type: number) => elements[type]?.[0] ?? `type ${type}`;

/** Type of an input or output. */
export type DeclaredType = Omit<ValueInfo, 'name'>;

/** Makes a type that is no tensor. */
export const named = (type: string): DeclaredType => ({ type, datatype: undefined, shape: undefined });

/** Type that the file does not declare. */
export const OTHER_TYPE = named('undefined');

/** Makes the type of a tensor. */
export const tensorType = (element: number, shape: readonly number[] | undefined): DeclaredType => ({
  type: `tensor(${elementName(element)})`,
  datatype: elements[element]?.[1],
  shape,
});

/** Deepest nesting of types, such as a sequence of maps of tensors; no real model has more. */
export const MAX_TYPE_DEPTH = 8;

/** Reads a ValueInfoProto. */
export function readValueInfo(reader: WireReader): ValueInfo {
  let name = '';
  let type = OTHER_TYPE;
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) type = readType(reader.message(), 0);
  }
  return { name, ...type };
}

function readType(reader: WireReader, depth: number): DeclaredType {
  let result = OTHER_TYPE;
  if (depth > MAX_TYPE_DEPTH) return result;
  while (reader.next()) {
    if (reader.field === 1) result = readTensorType(reader.message());
    else if (reader.field === 4) result = named(`seq(${readElementType(reader.message(), depth)})`);
    else if (reader.field === 5) result = named(`map(${readElementType(reader.message(), depth)})`);
    else if (reader.field === 8) result = named(`sparse_${readTensorType(reader.message()).type}`);
    else if (reader.field === 9) result = named(`optional(${readElementType(reader.message(), depth)})`);
    else if (reader.field === 7) result = named('opaque');
  }
  return result;
}

/**
 * Reads the inner type, which sequence and optional have in field 1; a map has its key in 1 (a number) and its value in
 * 2.
 */
function readElementType(reader: WireReader, depth: number): string {
  const parts: string[] = [];
  while (reader.next()) {
    if (reader.wire === 0) parts.push(elementName(reader.value));
    else if (reader.field <= 2) parts.push(readType(reader.message(), depth + 1).type);
  }
  return parts.join(',');
}

function readTensorType(reader: WireReader): DeclaredType {
  let element = 0;
  let shape: number[] | undefined;
  while (reader.next()) {
    if (reader.field === 1) element = reader.value;
    else if (reader.field === 2) shape = readShape(reader.message());
  }
  return tensorType(element, shape);
}

function readShape(reader: WireReader): number[] {
  const shape: number[] = [];
  while (reader.next()) if (reader.field === 1) shape.push(readDimension(reader.message()));
  return shape;
}

/** Reads a dimension; -1 where it is free, for which old exporters write 0. */
function readDimension(reader: WireReader): number {
  let size = -1;
  while (reader.next()) if (reader.field === 1 && reader.value > 0) size = reader.value;
  return size;
}

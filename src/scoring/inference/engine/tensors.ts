import { type Datatype, elementCount, type OipTensor } from '../../../common/core/index.ts';
import { tensorInvalid, unsupportedType } from './errors.ts';
import { fromFloat16, toFloat16 } from './float16.ts';

/** Elements of a tensor, in the array that ONNX Runtime has for its datatype. */
export type ElementData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | readonly string[];

/**
 * Tensor as engines take and give it: row-major; FP16 as its bits in a Uint16Array, BOOL as 0 and 1, BYTES as strings.
 */
export interface EngineTensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: ElementData;
}

type Plain = number | string | boolean;

/**
 * Engine's name and array for one datatype, and its elements from and to JSON; `parse` is undefined for what does not
 * fit.
 */
interface Codec {
  readonly ort: string;
  readonly create: (length: number) => Exclude<ElementData, readonly string[]> | string[];
  readonly parse: (value: Plain) => number | bigint | string | undefined;
  readonly format: (element: number | bigint | string) => Plain;
}

const nonFinite: ReadonlyMap<Plain, number> = new Map<Plain, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

const parseFloating = (value: Plain) => (typeof value === 'number' ? value : nonFinite.get(value));
const formatFloating = (value: number | bigint | string) => (Number.isFinite(value) ? Number(value) : String(value));

const floating = (ort: string, create: Codec['create']): Codec => ({
  ort,
  create,
  parse: parseFloating,
  format: formatFloating,
});

const integer = (ort: string, create: Codec['create'], min: number, max: number): Codec => ({
  ort,
  create,
  parse: (value) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined,
  format: Number,
});

const DECIMAL = /^-?\d{1,20}$/;

const wide = (ort: string, create: Codec['create'], wrap: (value: bigint) => bigint): Codec => ({
  ort,
  create,
  parse: (value) => {
    const exact = Number.isSafeInteger(value) || (typeof value === 'string' && DECIMAL.test(value));
    if (!exact) return undefined;
    const parsed = BigInt(value);
    return wrap(parsed) === parsed ? parsed : undefined;
  },
  format: (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value)),
});

/** Every datatype that ONNX Runtime exchanges with JavaScript. */
const codecs: Readonly<Partial<Record<Datatype, Codec>>> = {
  FP32: floating('float32', (length) => new Float32Array(length)),
  FP64: floating('float64', (length) => new Float64Array(length)),
  FP16: {
    ort: 'float16',
    create: (length) => new Uint16Array(length),
    parse: (value) => {
      const number = parseFloating(value);
      return number === undefined ? undefined : toFloat16(number);
    },
    format: (bits) => formatFloating(fromFloat16(Number(bits))),
  },
  INT8: integer('int8', (length) => new Int8Array(length), -128, 127),
  UINT8: integer('uint8', (length) => new Uint8Array(length), 0, 255),
  INT16: integer('int16', (length) => new Int16Array(length), -32768, 32767),
  UINT16: integer('uint16', (length) => new Uint16Array(length), 0, 65535),
  INT32: integer('int32', (length) => new Int32Array(length), -(2 ** 31), 2 ** 31 - 1),
  UINT32: integer('uint32', (length) => new Uint32Array(length), 0, 2 ** 32 - 1),
  INT64: wide(
    'int64',
    (length) => new BigInt64Array(length),
    (value) => BigInt.asIntN(64, value),
  ),
  UINT64: wide(
    'uint64',
    (length) => new BigUint64Array(length),
    (value) => BigInt.asUintN(64, value),
  ),
  BOOL: {
    ort: 'bool',
    create: (length) => new Uint8Array(length),
    parse: (value) => (value === true || value === 1 ? 1 : value === false || value === 0 ? 0 : undefined),
    format: (value) => value !== 0,
  },
  BYTES: {
    ort: 'string',
    create: (length) => new Array<string>(length).fill(''),
    parse: (value) => (typeof value === 'string' ? value : undefined),
    format: String,
  },
};

const byOrtName = new Map(Object.entries(codecs).map(([datatype, codec]) => [codec.ort, datatype as Datatype]));

function codecOf(datatype: Datatype): Codec {
  const codec = codecs[datatype];
  if (codec === undefined) throw unsupportedType('tensor', `${datatype} cannot be exchanged with the engine`);
  return codec;
}

/** Tells whether tensors of a datatype can be given to an engine and taken from it. */
export const isSupported = (datatype: Datatype | undefined) => datatype !== undefined && codecs[datatype] !== undefined;

/** Name that ONNX Runtime has for a datatype: `float32` for FP32. Throws `inference.unsupported-type`. */
export const ortTypeOf = (datatype: Datatype) => codecOf(datatype).ort;

/** Datatype that ONNX Runtime's name stands for; undefined where it cannot be exchanged. */
export const datatypeOf = (ortType: string): Datatype | undefined => byOrtName.get(ortType);

/** Makes `length` zeros (empty strings) of a datatype. */
export const createData = (datatype: Datatype, length: number): ElementData => codecOf(datatype).create(length);

/**
 * Checks and converts a tensor of the Open Inference Protocol v2. Throws `inference.tensor-invalid`,
 * `.unsupported-type`.
 */
export function fromOip({ name, datatype, shape, data }: OipTensor): EngineTensor {
  const codec = codecOf(datatype);
  if (elementCount(shape) !== data.length) {
    throw tensorInvalid(name, `shape [${shape.join(',')}] has ${elementCount(shape)} elements, data ${data.length}`);
  }
  const target = codec.create(data.length);
  data.forEach((value, index) => {
    const element = codec.parse(value);
    if (element === undefined) throw tensorInvalid(name, `${JSON.stringify(value)} at ${index} is not ${datatype}`);
    target[index] = element;
  });
  return { datatype, shape, data: target };
}

/** Converts a tensor to the Open Inference Protocol v2. */
export function toOip(name: string, { datatype, shape, data }: EngineTensor): OipTensor {
  const { format } = codecOf(datatype);
  return { name, datatype, shape, data: Array.from(data, (element: number | bigint | string) => format(element)) };
}

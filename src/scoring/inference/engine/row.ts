import {
  type Datatype,
  dequantize,
  elementCount,
  type Numbers,
  quantize,
  type RowInput,
  type TensorInfo,
} from '../../../common/core/index.ts';
import { float16Overflow, inputMismatch } from './errors.ts';
import { fromFloat16, toFloat16 } from './float16.ts';
import { createData, type ElementData, type EngineTensor } from './tensors.ts';

/** Part of a row whose datatype in the model is known. */
export interface BoundInput extends RowInput {
  readonly datatype: Datatype;
}

const BATCH = -1;

/** Counts the numbers that one row has of an input. */
export const widthOf = ({ shape }: Pick<RowInput, 'shape'>) => elementCount(shape.filter((size) => size !== BATCH));

/** Shape of a tensor of `rows` rows. */
function shapeOf({ shape }: Pick<RowInput, 'shape'>, rows: number): number[] {
  return shape.includes(BATCH) ? shape.map((size) => (size === BATCH ? rows : size)) : [rows, ...shape];
}

/** Tells whether rows lie one behind the other in the tensor, so that several can share a run. */
export const rowsLieApart = ({ shape }: Pick<RowInput, 'shape'>) => !shape.includes(BATCH) || shape[0] === BATCH;

/** Datatypes whose every number float32 holds exactly. */
const NARROW: ReadonlySet<Datatype> = new Set(['FP32', 'FP16', 'INT8', 'UINT8', 'INT16', 'UINT16', 'BOOL', 'BYTES']);

/** Tells whether rows need float64: an input, or one of these outputs, is of a datatype that float32 does not hold. */
export function isWide(
  inputs: readonly BoundInput[],
  outputs: readonly string[],
  known: readonly TensorInfo[],
): boolean {
  const types = known.filter(({ name }) => outputs.includes(name));
  return [...inputs, ...types].some(({ datatype }) => !NARROW.has(datatype));
}

/**
 * Converts `rows` rows of one input, one behind the other, to the datatype of the model. Throws
 * `inference.input-mismatch` where a number is none of that type.
 */
export function toTensor(input: BoundInput, data: Numbers, rows: number): EngineTensor {
  const { datatype } = input;
  const shape = shapeOf(input, rows);
  if (datatype === 'FP32')
    return { datatype, shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
  if (datatype === 'FP64') return { datatype, shape, data: Float64Array.from(data) };
  const width = widthOf(input);
  if (datatype === 'FP16')
    return { datatype, shape, data: Uint16Array.from(data, (value, i) => half(input, value, i)) };
  if (datatype === 'BYTES') {
    return { datatype, shape, data: Array.from(data, (value, index) => textOf(input, value, index % width)) };
  }
  const whole = createData(datatype, data.length);
  const wide = whole instanceof BigInt64Array || whole instanceof BigUint64Array;
  const [least, greatest] = INTEGER_RANGES[datatype] ?? [0, 0];
  for (const [index, given] of data.entries()) {
    const value = input.quantization ? quantize(given, input.quantization, least, greatest) : given;
    if (!Number.isInteger(value) || value < least || value > greatest) {
      throw inputMismatch('model', `${input.tensor} is ${datatype}, and element ${index % width} is ${value}`, {
        path: input.tensor,
        hint: 'Give a tag of whole numbers of that type, up to 2^53; greater ones are not exact in JSON. A quantized input needs its scale and zero point in the manifest: quantization.',
      });
    }
    Object.assign(whole, { [index]: wide ? BigInt(value) : value });
  }
  return { datatype, shape, data: whole };
}

function half({ tensor, datatype }: BoundInput, value: number, index: number): number {
  const bits = toFloat16(value);
  if ((bits & 0x7fff) !== FLOAT16_INFINITY || !Number.isFinite(value)) return bits;
  throw float16Overflow('model', `${tensor} is ${datatype}, and element ${index} is ${value}, beyond 65504`, {
    path: tensor,
  });
}

const FLOAT16_INFINITY = 0x7c00;

/** The number that the model gets for a number of a row: in the datatype of the input, and dequantized. */
export function fedNumber({ datatype, quantization }: BoundInput, value: number): number {
  const [least, greatest] = INTEGER_RANGES[datatype] ?? [0, 0];
  if (quantization) return dequantize(quantize(value, quantization, least, greatest), quantization);
  if (datatype === 'FP16') return fromFloat16(toFloat16(value));
  return datatype === 'FP32' ? Math.fround(value) : value;
}

/** Least and greatest number of each whole datatype, as far as a double holds it exactly. */
export const INTEGER_RANGES: Readonly<Partial<Record<Datatype, readonly [number, number]>>> = {
  BOOL: [0, 1],
  INT8: [-128, 127],
  UINT8: [0, 255],
  INT16: [-32768, 32767],
  UINT16: [0, 65535],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
  UINT32: [0, 2 ** 32 - 1],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
};

function textOf({ tensor, texts }: BoundInput, code: number, column: number): string {
  const text = texts?.[column]?.get(code);
  if (text === undefined) {
    throw inputMismatch('model', `${tensor} has no text for ${code} in column ${column}`, { path: tensor });
  }
  return text;
}

/** Converts a model's answer to numbers; undefined for strings. Whole numbers beyond 2^53 are rounded. */
export function toNumbers({ datatype, data }: EngineTensor): Numbers | undefined {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  if (datatype === 'BYTES') return undefined;
  if (datatype === 'FP16') return Float32Array.from(data as Uint16Array, fromFloat16);
  return Float64Array.from(data as Exclude<ElementData, readonly string[]> as ArrayLike<number>, Number);
}

/** Converts a model's labels to their places among those known, -1 for any other. Whole numbers are labels, too. */
export function toPlaces({ data }: EngineTensor, labels: readonly string[]): Numbers {
  return Float32Array.from(data as ArrayLike<unknown>, (label) => labels.indexOf(String(label)));
}

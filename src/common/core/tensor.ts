/** Datatypes of the Open Inference Protocol v2. */
export const DATATYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BF16',
  'BYTES',
] as const;
/** See `DATATYPES`. */
export type Datatype = (typeof DATATYPES)[number];

/**
 * A tensor as in the Open Inference Protocol v2; flat, row-major. Non-finite floats are strings, integers beyond 2^53
 * decimal strings.
 */
export interface OipTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

/** What a model declares of one input or output; -1 for a free dimension. */
export interface TensorInfo {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** Cases whose outputs somebody else computed; a model answers them before it may act. */
export interface GoldenCases {
  /** The file that they were read from. */
  readonly file?: string | undefined;
  /** What computed the outputs. */
  readonly source?: string | undefined;
  readonly tolerance?: { readonly rtol: number; readonly atol: number } | undefined;
  readonly cases: readonly { readonly inputs: readonly OipTensor[]; readonly outputs: readonly OipTensor[] }[];
  /** Readings with the predictions that the whole pipeline has to make of them. */
  readonly readings?: readonly GoldenReadings[] | undefined;
}

/** Readings by the model's own tags, and what has to come of them. */
export interface GoldenReadings {
  readonly readings: readonly {
    readonly asset?: string | undefined;
    /** Event time, ms since the epoch. */
    readonly t: number;
    readonly values: Readonly<Record<string, number | string | boolean | null>>;
  }[];
  readonly predictions: readonly GoldenPrediction[];
}

/** A prediction that has to come; what is left out may be anything. */
export interface GoldenPrediction {
  readonly asset?: string | undefined;
  /** End of its window, ms since the epoch; without it they are counted in order, all of an asset. */
  readonly to?: number | undefined;
  /** As in a record of type `prediction`, or a part of it; null where it has to abstain. */
  readonly output?: unknown;
  readonly decision?: string | undefined;
}

/** Asset of golden readings that name none. */
export const GOLDEN_ASSET = 'golden';

/** How far an answer may be off where the cases do not say: rtol * |expected| + atol. */
export const DEFAULT_TOLERANCE = { rtol: 1e-3, atol: 1e-4 } as const;

/** Number of elements of a tensor of this shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Numbers in the precision that the tensors of a model need. */
export type Numbers = Float32Array | Float64Array;

/** Outputs of a batch as numbers: element j of row r of output k is `data[k][r * widths[k] + j]`. */
export interface OutputBatch {
  readonly names: readonly string[];
  readonly data: readonly Numbers[];
  readonly widths: readonly number[];
}

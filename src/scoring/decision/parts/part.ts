import type { Quantization, TensorInfo } from '../../../common/core/index.ts';
import type { Target } from '../schema/schema.ts';
import type { Interpreter } from '../targets/interpreter.ts';
import type { Witness } from './witness.ts';

/** What a model was seen to do. */
export interface Answered {
  /** The shape of each output in the answer to one row. */
  readonly given: readonly TensorInfo[];
  /** The number that the model gets for a number of an input: in its datatype, and dequantized. */
  fed(tensor: string, value: number): number;
}

/** Where a part of the model's input lies in a vector. */
export interface InputPlace {
  readonly tensor: string;
  readonly at: number;
  readonly length: number;
}

/** One target and how it is read. */
export interface Part {
  readonly name: string;
  readonly kind: Target['kind'];
  readonly tensor: string;
  readonly output: number;
  readonly at: number;
  readonly interpreter: Interpreter;
  /** The columns that it reads; undefined for all of them. */
  readonly columns: { readonly first: number; readonly count: number } | undefined;
  readonly quantization: Quantization | undefined;
  /** The input that it is held against. */
  readonly input: InputPlace | undefined;
  readonly target: Target;
  /** The output that names the class beside its columns. */
  readonly witness: Witness | undefined;
}

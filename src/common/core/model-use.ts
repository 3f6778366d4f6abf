import type { Quantization } from './quantization.ts';
import type { OipTensor } from './tensor.ts';

/** Part of a row that becomes one input of the model. */
export interface RowInput {
  /** Name of the model's input. */
  readonly tensor: string;
  /** Shape of one row: without the batch, which comes first, or with -1 where the batch is. */
  readonly shape: readonly number[];
  /** For an input of strings: the text that each number stands for, by column. */
  readonly texts?: readonly (ReadonlyMap<number, string> | undefined)[];
  /** Tags that are NaN where they are missing: only floating point has one. */
  readonly gaps?: readonly string[];
  /** For an input of whole numbers that stand for others. */
  readonly quantization?: Quantization;
}

/** Output that comes back as an input of the next row of the same asset. */
export interface StateTensor {
  readonly input: string;
  readonly output: string;
  /** Shape with -1 for the batch. */
  readonly shape: readonly number[];
}

/** What a pipeline gives to a model and takes from it. */
export interface ModelUse {
  /** Subject of errors. */
  readonly name: string;
  /** Parts of a row, in this order. */
  readonly inputs: readonly RowInput[];
  /** Inputs that are the same in every run. */
  readonly constants?: readonly OipTensor[];
  /**
   * States of a recurrent model: a row carries their last values behind its inputs, and they come back behind the
   * outputs.
   */
  readonly states?: readonly StateTensor[];
  /** Names of the outputs to answer with, in this order. */
  readonly outputs: readonly string[];
  /** Known labels by output, for outputs that are labels: an answer is a label's place among them, -1 for any other. */
  readonly labels?: ReadonlyMap<string, readonly string[]>;
}

import type { OipTensor } from './tensor.ts';

/** A part of a row that becomes one input of the model. */
export interface RowInput {
  readonly tensor: string;
  /** Of one row. Without the batch, which comes before it, or with -1 in its place. */
  readonly shape: readonly number[];
  /** Of an input of strings: for each column the texts that its numbers stand for. */
  readonly texts?: readonly (ReadonlyMap<number, string> | undefined)[];
}

/** An output that comes back as an input of the next row of the same asset. */
export interface StateTensor {
  readonly input: string;
  readonly output: string;
  /** With -1 for the batch. */
  readonly shape: readonly number[];
}

/** What a pipeline will feed and fetch. */
export interface ModelUse {
  readonly name: string;
  /** A row consists of these, in this order. */
  readonly inputs: readonly RowInput[];
  /** Inputs that are the same in every run. */
  readonly constants?: readonly OipTensor[];
  /** Behind the inputs, a row carries what each of these gave for the row before; they come behind the outputs. */
  readonly states?: readonly StateTensor[];
  readonly outputs: readonly string[];
  /** Of outputs that name labels, which there are: an answer is a label's place among them, -1 for any other. */
  readonly labels?: ReadonlyMap<string, readonly string[]>;
}

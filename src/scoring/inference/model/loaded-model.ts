import type { EdgewrightError, OutputBatch, TensorInfo } from '../../../common/core/index.ts';

/** Receivers of a model's answers. Lists and batches are reused: they are valid during the call only. */
export interface ModelCallbacks {
  /** Takes answers: row i of the batch answers the ticket at index i. */
  readonly onResult: (tickets: Float64Array, batch: OutputBatch) => void;
  /** Takes tickets that could not be answered, with the reason. */
  readonly onFailure: (tickets: Float64Array, error: EdgewrightError) => void;
}

/** State and totals of a loaded model. */
export interface ModelStats {
  readonly state: 'ready' | 'restarting' | 'failed' | 'closed';
  /** Workers that are ready. */
  readonly threads: number;
  /** Workers that were replaced. */
  readonly restarts: number;
  /** Rows without an answer. */
  readonly pending: number;
  readonly batches: number;
  readonly rows: number;
  readonly failures: number;
}

/** Model at work. Every ticket gets exactly one result or failure, never from within `submit`. */
export interface LoadedModel {
  readonly info: { readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[] };
  /** The shapes that it gave in the answer to one row. */
  readonly given: readonly TensorInfo[];
  /** The number that the model gets for a number of an input: in its datatype, dequantized where it is quantized. */
  fed(tensor: string, value: number): number;
  /** True: rows share runs; false: they are run one by one, because a batch would change their answers. */
  readonly batchable: boolean;
  /** Engine that answers, and its version: `wasm 1.30.0`. */
  readonly engine: string;
  /** Largest absolute error over the golden cases; undefined where it has none. */
  readonly goldenError: number | undefined;
  /**
   * Takes a row, whose vector is copied. Never waits: where too many rows do, the ticket fails with
   * `inference.overloaded`. Throws `inference.input-mismatch` for a vector of another length.
   */
  submit(vector: Float64Array, ticket: number): void;
  /** Undefined while there is room for more rows, else resolves when there is room again. */
  credit(): Promise<void> | undefined;
  /** Sends rows that wait and resolves when none is pending. */
  drain(): Promise<void>;
  stats(): ModelStats;
  /** Ends the workers; tickets without an answer fail with `inference.closed`. */
  close(): Promise<void>;
}

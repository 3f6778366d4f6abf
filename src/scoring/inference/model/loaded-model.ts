import type { EdgewrightError, OutputBatch, TensorInfo } from '../../../common/core/index.ts';

/** How a loaded model's answers come; lists and batches are reused and valid during the call only. */
export interface ModelCallbacks {
  /** Row i of the batch answers the ticket at index i. */
  readonly onResult: (tickets: Float64Array, batch: OutputBatch) => void;
  readonly onFailure: (tickets: Float64Array, error: EdgewrightError) => void;
}

export interface ModelStats {
  readonly state: 'ready' | 'restarting' | 'failed' | 'closed';
  readonly threads: number;
  readonly restarts: number;
  /** Rows without an answer yet. */
  readonly pending: number;
  readonly batches: number;
  readonly rows: number;
  readonly failures: number;
}

/** A model at work. Every ticket gets exactly one result or failure, never from within `submit`. */
export interface LoadedModel {
  readonly info: { readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[] };
  /** False: rows are run one by one, because a batch would change their answers. */
  readonly batchable: boolean;
  /** Engine and version that answers. */
  readonly engine: string;
  /** Copies the vector. Never waits; beyond a bound the ticket fails with `inference.overloaded`. */
  submit(vector: Float64Array, ticket: number): void;
  /** Undefined: go on. Otherwise resolves when there is room again. */
  credit(): Promise<void> | undefined;
  /** Sends what is waiting and resolves when nothing is pending. */
  drain(): Promise<void>;
  stats(): ModelStats;
  /** Ends the threads; unanswered tickets fail with `inference.closed`. */
  close(): Promise<void>;
}

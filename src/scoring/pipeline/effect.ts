import type { Explanation, PipelineRecord } from '../../common/core/index.ts';

/** Something that the model is to answer; the vector belongs to the pipeline and holds until its ticket is answered. */
export interface InferEffect {
  readonly kind: 'infer';
  readonly ticket: number;
  readonly vector: Float64Array;
}

/** Something to be stored. `urgent` does not wait for its group. */
export interface RecordEffect {
  readonly kind: 'record';
  readonly record: PipelineRecord;
  readonly urgent: boolean;
  /** What the driver passed with the reading that closed the window. */
  readonly cause: number;
}

/** A window is decided that was told before this start: there is nothing to store. */
export interface ToldEffect {
  readonly kind: 'told';
  readonly cause: number;
}

/** What is held of an asset, for `Pipeline.restore`. */
export interface AssetSnapshot {
  readonly asset: string;
  readonly body: Uint8Array;
}

/** The snapshot that was asked for: the assets that changed since the one before. */
export interface SnapshotEffect {
  readonly kind: 'snapshot';
  readonly assets: readonly AssetSnapshot[];
}

/** The answer to `Pipeline.explain`. */
export interface ExplanationEffect {
  readonly kind: 'explanation';
  readonly request: number;
  /** Undefined where there is none: nothing was scored yet, or the model gave no answer. */
  readonly explanation: Explanation | undefined;
  /** The window that is explained. */
  readonly window: { readonly from: number; readonly to: number } | undefined;
}

/** What the pipeline wants done; the array is reused and holds until the next call. */
export type Effect = InferEffect | RecordEffect | ToldEffect | SnapshotEffect | ExplanationEffect;

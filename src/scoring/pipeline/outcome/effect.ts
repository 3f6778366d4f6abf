import type { Explanation, PipelineRecord } from '../../../common/core/index.ts';
import type { Snapshot } from '../asset/snapshots.ts';
import type { Left } from '../asset/takeover.ts';

/** A row for a model. The vector belongs to the pipeline and holds until its ticket is answered. */
export interface InferEffect {
  readonly kind: 'infer';
  /** Digest of the model that is to answer. */
  readonly model: string;
  readonly ticket: number;
  readonly vector: Float64Array;
}

/** A record to be stored. `RECORD_KINDS` says how. */
export interface RecordEffect {
  readonly kind: 'record';
  readonly record: PipelineRecord;
  /** The number that the driver passed with the reading that closed the window. */
  readonly readingNumber: number;
}

/** Says that a window is decided whose prediction was emitted before this start: there is nothing to store. */
export interface SuppressedEffect {
  readonly kind: 'suppressed';
  readonly readingNumber: number;
}

/** The snapshot that was asked for: the assets that changed since the snapshot before. */
export interface SnapshotEffect extends Snapshot {
  readonly kind: 'snapshot';
}

/** All that a pipeline has to say of an asset which it let go is said: another one goes on with it. */
export interface LeftEffect {
  readonly kind: 'left';
  readonly left: Left;
}

/** The answer to `Pipeline.explain`. */
export interface ExplanationEffect {
  readonly kind: 'explanation';
  /** The number that the request had. */
  readonly request: number;
  /** The explanation; undefined where there is none: nothing was scored yet, or the model gave no answer. */
  readonly explanation: Explanation | undefined;
  /** The window that is explained; undefined where nothing was scored yet. */
  readonly window: { readonly from: number; readonly to: number } | undefined;
}

/** What the pipeline wants done; the array is reused and holds until the next call. */
export type Effect = InferEffect | RecordEffect | SuppressedEffect | SnapshotEffect | LeftEffect | ExplanationEffect;

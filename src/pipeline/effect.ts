import type { AlarmRecord, PredictionRecord, SummaryRecord } from '../core/index.ts';

/** A window to be scored; the vector belongs to the pipeline and holds until its ticket is answered. */
export interface InferEffect {
  readonly kind: 'infer';
  readonly ticket: number;
  readonly vector: Float32Array;
}

/** Something to be stored. `urgent` does not wait for its group. */
export interface RecordEffect {
  readonly kind: 'record';
  readonly record: PredictionRecord | AlarmRecord | SummaryRecord;
  readonly urgent: boolean;
  /** What the driver passed with the reading that closed the window. */
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

/** What the pipeline wants done; the array is reused and holds until the next call. */
export type Effect = InferEffect | RecordEffect | SnapshotEffect;

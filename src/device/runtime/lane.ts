import type { LoadedModel } from '../../scoring/inference/index.ts';
import type { AssetSnapshot, Pipeline } from '../../scoring/pipeline/index.ts';
import type { Succession } from './succession.ts';

/** A loaded model; each ticket is answered once, later, over the driver's `answersFor`. */
export type ModelPort = Pick<LoadedModel, 'submit' | 'credit' | 'batchable' | 'engine' | 'stats' | 'close'>;

export interface Scored {
  readonly pipeline: Pipeline;
  readonly sources: readonly string[];
  readonly model: ModelPort;
}

/** A change of what acts that is under way. */
export interface Change {
  readonly next: Scored;
  readonly succession: Succession;
  readonly done: (before: Scored) => void;
}

/** A pipeline at work, and the one that takes its place. */
export interface Lane {
  scored: Scored;
  change: Change | undefined;
  /** Is told when nothing of a pipeline that was taken away waits any more. */
  ended: (() => void) | undefined;
  /** Runs beside the one that acts, on the same readings; nobody waits for it. */
  challenger: Scored | undefined;
  /** The snapshot that is being taken, and how many pipelines still have to add to it. */
  snapshot: { assets: AssetSnapshot[]; forgotten: string[]; missing: number };
}

/** The pipelines of a lane, that which acts first. */
export function pipelinesOf({ scored, change }: Lane): Pipeline[] {
  return change ? [scored.pipeline, change.next.pipeline] : [scored.pipeline];
}

/** The same, and the challenger. */
export function allOf(lane: Lane): Pipeline[] {
  return lane.challenger ? [...pipelinesOf(lane), lane.challenger.pipeline] : pipelinesOf(lane);
}

/** Number of windows that closed in a lane. */
export function windowsOf(lane: Lane): number {
  return pipelinesOf(lane).reduce((sum, { counts }) => sum + counts.windows, 0);
}

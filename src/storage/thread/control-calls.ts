import { type CheckpointHead, type CheckpointRow, Checkpoints, type Control } from '../control/index.ts';
import type { AuditChain } from './audit-chain.ts';

/** Keys under which control.db keeps small values. */
const CLOCK = 'clock';
const CONFIG = 'config';
const BUDGET = 'budget';

/** The newest time, ms since the epoch, of a clock that had proved itself; undefined where none is remembered. */
export function rememberedTime(control: Control): number | undefined {
  const time = control.recall(CLOCK);
  return typeof time === 'number' && Number.isFinite(time) ? time : undefined;
}

/**
 * What the main thread may ask of control.db. Each call runs in the storage thread, once everything that was appended to
 * the outbox before it is committed; while the disk takes nothing, only a checkpoint waits for the records that it rests
 * on. All of them throw store errors.
 */
export function controlCalls(control: Control, audit: AuditChain) {
  const checkpoints = new Checkpoints(control);
  return {
    verifyAudit: () => audit.verify(),
    /** The newest checkpoint; undefined where there is none. */
    takeCheckpoint: () => checkpoints.take(),
    /** Adds rows to a round; returns how many assets had to be left out. */
    addToCheckpoint: (round: number, rows: readonly CheckpointRow[]) => checkpoints.add(round, rows),
    completeCheckpoint: (head: CheckpointHead) => checkpoints.complete(head),
    /** Deletes what is held of assets. */
    forgetAssets: (keys: readonly (readonly [pipeline: string, asset: string])[]) => checkpoints.forget(keys),
    recallTime: () => rememberedTime(control),
    rememberTime: (time: number) => control.remember(CLOCK, time),
    /** Remembers the digest of the configuration that runs now; returns that of the start before. */
    exchangeConfig: (now: unknown): unknown => {
      const before = control.recall(CONFIG);
      control.remember(CONFIG, now);
      return before;
    },
    /** How much of the day's bytes is used. */
    recallBudget: (): unknown => control.recall(BUDGET),
    rememberBudget: (budget: unknown) => control.remember(BUDGET, budget),
  };
}

export type ControlCalls = ReturnType<typeof controlCalls>;

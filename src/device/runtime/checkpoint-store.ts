import {
  type Checkpoint,
  type CheckpointHead,
  type CheckpointRow,
  Checkpoints,
  type Control,
} from '../../storage/control/index.ts';
import type { Asides, OutboxClient } from '../../storage/outbox/index.ts';

/** What the main thread asks of the checkpoints in control.db; all of it waits for the records appended before. */
export interface CheckpointStore {
  /** The newest one; undefined where there is none. */
  take(): Promise<Checkpoint | undefined>;
  /** Returns how many assets had to be left out. */
  add(round: number, rows: readonly CheckpointRow[]): Promise<number>;
  complete(head: CheckpointHead): Promise<void>;
  forget(keys: readonly (readonly [pipeline: string, asset: string])[]): Promise<void>;
}

const TAKE = 'checkpoint.take';
const ADD = 'checkpoint.add';
const COMPLETE = 'checkpoint.complete';
const FORGET = 'checkpoint.forget';

/** In the store thread. */
export function checkpointAsides(control: Control): Asides {
  const checkpoints = new Checkpoints(control);
  return {
    [TAKE]: () => checkpoints.take(),
    [ADD]: (payload) => checkpoints.add(...(payload as Parameters<Checkpoints['add']>)),
    [COMPLETE]: (payload) => checkpoints.complete(payload as CheckpointHead),
    [FORGET]: (payload) => checkpoints.forget(payload as Parameters<Checkpoints['forget']>[0]),
  };
}

/** In the main thread. */
export function checkpointStore(outbox: OutboxClient): CheckpointStore {
  return {
    take: () => outbox.aside(TAKE),
    add: (...parameters) => outbox.aside(ADD, parameters),
    complete: (head) => outbox.aside(COMPLETE, head),
    forget: (keys) => outbox.aside(FORGET, keys),
  };
}

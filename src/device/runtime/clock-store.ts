import type { Control } from '../../storage/control/index.ts';
import type { Asides, OutboxClient } from '../../storage/outbox/index.ts';

/** Where control.db has the newest time of a clock that had proved itself. */
const KEY = 'clock';
const REMEMBER = 'clock.remember';
const RECALL = 'clock.recall';

/** What earlier starts remember, ms since the epoch. */
export interface ClockStore {
  recall(): Promise<number | undefined>;
  remember(time: number): Promise<void>;
}

/** In the store thread. */
export function rememberedTime(control: Control): number | undefined {
  const time = control.recall(KEY);
  return typeof time === 'number' && Number.isFinite(time) ? time : undefined;
}

export function clockAsides(control: Control): Asides {
  return {
    [RECALL]: () => rememberedTime(control),
    [REMEMBER]: (time) => control.remember(KEY, time),
  };
}

/** In the main thread. */
export function clockStore(outbox: OutboxClient): ClockStore {
  return { recall: () => outbox.aside(RECALL), remember: (time) => outbox.aside(REMEMBER, time) };
}

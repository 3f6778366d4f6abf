import { parentPort, workerData } from 'node:worker_threads';
import { openControl } from '../../storage/control/index.ts';
import { type OutboxOptions, type StoreParts, serveOutbox } from '../../storage/outbox/index.ts';
import { AuditChain } from './audit-chain.ts';
import { checkpointAsides } from './checkpoint-store.ts';
import { clockAsides, rememberedTime } from './clock-store.ts';

/** Where control.db keeps how much of the day's bytes are used. */
const BUDGET = 'budget';
/** And which configuration was the last one. */
const CONFIG = 'config';

/** What the main thread gives to the store thread. */
type StoreThreadData = OutboxOptions & { readonly statePath?: string };

/** What belongs into the store thread beside the outbox: control.db and what is kept there. */
function compose({ path, statePath = path, nativeBinding }: StoreThreadData): StoreParts {
  const control = openControl({ path: statePath, nativeBinding });
  const audit = new AuditChain(control);
  const floor = rememberedTime(control);
  return {
    control,
    audit,
    ...(floor !== undefined && { trustedSince: floor }),
    asides: {
      audit: () => audit.verify(),
      ...checkpointAsides(control),
      ...clockAsides(control),
      config: (now) => {
        const before = control.recall(CONFIG);
        control.remember(CONFIG, now);
        return before;
      },
      'budget-read': () => control.recall(BUDGET),
      'budget-save': (value) => control.remember(BUDGET, value),
    },
    close: () => control.close(),
  };
}

/** Entry of the store thread: opens what `workerData` names, and serves it until it is closed. */
if (parentPort !== null) {
  const data: StoreThreadData = workerData;
  serveOutbox(parentPort, data, () => compose(data));
}

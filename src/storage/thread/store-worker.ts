import { parentPort, workerData } from 'node:worker_threads';
import { openControl } from '../control/index.ts';
import type { OutboxOptions } from '../outbox/index.ts';
import { AuditChain } from './audit-chain.ts';
import { controlCalls, rememberedTime } from './control-calls.ts';
import { type StorageParts, serveStorage } from './storage-thread.ts';

/** What the main thread gives to the storage thread. */
type StorageThreadData = OutboxOptions & { readonly statePath?: string };

/** What belongs into the storage thread beside the outbox: control.db and what is kept there. */
function compose({ path, statePath = path, nativeBinding }: StorageThreadData): StorageParts {
  const control = openControl({ path: statePath, nativeBinding });
  const audit = new AuditChain(control);
  const floor = rememberedTime(control);
  return {
    control,
    audit,
    ...(floor !== undefined && { trustedSince: floor }),
    calls: controlCalls(control, audit),
    close: () => control.close(),
  };
}

/** Entry of the storage thread: opens what `workerData` names, and serves it until it is closed. */
if (parentPort !== null) {
  const data: StorageThreadData = workerData;
  serveStorage(parentPort, data, () => compose(data));
}

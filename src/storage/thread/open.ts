import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { reasonOf } from '../../common/core/index.ts';
import { type OutboxOptions, threadStopped } from '../outbox/index.ts';
import { type ControlClient, createControlClient } from './control-client.ts';
import { type FromStorage, unpackError } from './messages.ts';
import { type ClientOptions, mostUncommittedBytes, OutboxClient, type OutboxHandlers } from './outbox-client.ts';
import { StoragePort } from './storage-port.ts';

export interface StorageOptions extends Omit<OutboxOptions, 'lossBytes'>, ClientOptions {
  /** The built entry of the storage thread. */
  readonly workerUrl: URL;
  /** Folder of control.db; that of telemetry.db where it is absent. */
  readonly statePath?: string | undefined;
}

/** The two files of a gateway, each with its client. `outbox.close` ends the thread, and with it both. */
export interface Storage {
  readonly outbox: OutboxClient;
  readonly control: ControlClient;
}

/** Starts the storage thread and opens both files in it; rejects with what keeps them from opening. */
export async function openStorage(options: StorageOptions, handlers: OutboxHandlers = {}): Promise<Storage> {
  const { workerUrl, lossWindow, creditBytes, ...outboxOptions } = options;
  const worker = new Worker(workerUrl, {
    workerData: { ...outboxOptions, lossBytes: mostUncommittedBytes(creditBytes) },
    name: 'store',
  });
  const message = await firstMessage(worker);
  if (message.op === 'opened') {
    const clientOptions = { lossWindow, ...(creditBytes && { creditBytes }) };
    const outbox = new OutboxClient(new StoragePort(worker), message.opened, clientOptions, handlers);
    const control = createControlClient((name, args) =>
      outbox.afterAppended((call) => ({ op: 'control', call, name, args })),
    );
    return { outbox, control };
  }
  await worker.terminate();
  if (message.op === 'refused') throw unpackError(message.error);
  throw threadStopped('the store thread', `it began with ${message.op}`);
}

async function firstMessage(worker: Worker): Promise<FromStorage> {
  const ended = once(worker, 'exit').then(([code]) => Promise.reject(new Error(`it ended with status ${code}`)));
  try {
    const [message] = await Promise.race([once(worker, 'message'), ended]);
    return message;
  } catch (error) {
    throw threadStopped('the store thread', reasonOf(error), { cause: error });
  }
}

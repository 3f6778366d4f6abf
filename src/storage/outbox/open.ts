import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { reasonOf } from '../../common/core/index.ts';
import { type ClientOptions, OutboxClient, type OutboxHandlers } from './client.ts';
import { threadStopped } from './errors.ts';
import type { OutboxOptions } from './journal/options.ts';
import { type FromStore, unpackError } from './messages.ts';

export interface OpenOptions extends Omit<OutboxOptions, 'lossWindow'>, ClientOptions {
  /** The built entry of the store thread. */
  readonly workerUrl: URL;
  /** Folder of control.db; that of telemetry.db where it is absent. */
  readonly statePath?: string | undefined;
}

/** Starts the store thread and opens the outbox in it; rejects with what keeps it from opening. */
export async function openOutbox(options: OpenOptions, handlers: OutboxHandlers = {}): Promise<OutboxClient> {
  const { workerUrl, lossWindow, creditBytes, ...outbox } = options;
  const worker = new Worker(workerUrl, { workerData: { ...outbox, lossWindow }, name: 'store' });
  const message = await first(worker);
  if (message.op === 'opened') {
    return new OutboxClient(worker, message.opened, { lossWindow, ...(creditBytes && { creditBytes }) }, handlers);
  }
  await worker.terminate();
  if (message.op === 'refused') throw unpackError(message.error);
  throw threadStopped('the store thread', `it began with ${message.op}`);
}

async function first(worker: Worker): Promise<FromStore> {
  const ended = once(worker, 'exit').then(([code]) => Promise.reject(new Error(`it ended with status ${code}`)));
  try {
    const [message] = await Promise.race([once(worker, 'message'), ended]);
    return message;
  } catch (error) {
    throw threadStopped('the store thread', reasonOf(error), { cause: error });
  }
}

import { parentPort, workerData } from 'node:worker_threads';
import { serveOutbox } from '../outbox/index.ts';

/** Entry of the store thread: opens the outbox that `workerData` names, and serves it until it is closed. */
if (parentPort !== null) serveOutbox(parentPort, workerData);

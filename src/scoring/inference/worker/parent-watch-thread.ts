import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { LIFELINE } from './parent-watch.ts';

/** Entry of the thread that watches the lifeline of an inference process. */
function watch(): void {
  const lifeline = new Socket({ fd: LIFELINE, readable: true, writable: false });
  // To exit would end this thread alone.
  const end = () => process.kill(process.pid, 'SIGKILL');
  lifeline.on('error', end);
  lifeline.on('close', end);
  lifeline.resume();
}

if (!isMainThread) watch();

import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { PARENT_PIPE } from './parent-watch.ts';

/** Entry of the thread that watches the lifeline of an inference process. */
function watch(): void {
  const pipe = new Socket({ fd: PARENT_PIPE, readable: true, writable: false });
  // To exit would end this thread alone.
  const end = () => process.kill(process.pid, 'SIGKILL');
  pipe.on('error', end);
  pipe.on('close', end);
  pipe.resume();
}

if (!isMainThread) watch();

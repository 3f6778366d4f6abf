import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { PARENT_PIPE } from './parent-watch.ts';

/** Watches the pipe to the parent in a thread of an inference process, of which this file is the entry. */
function watch(): void {
  const pipe = new Socket({ fd: PARENT_PIPE, readable: true, writable: false });
  // process.exit would end this thread alone.
  const end = () => process.kill(process.pid, 'SIGKILL');
  pipe.on('error', end);
  pipe.on('close', end);
  pipe.resume();
}

if (!isMainThread) watch();

import { Worker } from 'node:worker_threads';

/** File descriptor of a pipe whose other end only the parent has: it closes when the parent is gone, however that came about. */
export const PARENT_PIPE = 4;

/** The thread holds a socket and nothing else; what it may reserve counts against the bound of the process. */
const RESOURCES = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 8, stackSizeMb: 1 };

/**
 * Starts the thread (the built `inference-parent-watch.js`) that ends this process with its parent, which a loop in machine
 * code would not notice. Resolves when the thread is there.
 */
export function endWithParent(thread: URL): Promise<void> {
  const worker = new Worker(thread, { resourceLimits: RESOURCES });
  worker.unref();
  return new Promise((resolve, reject) => {
    worker.once('online', resolve);
    worker.once('error', reject);
  });
}

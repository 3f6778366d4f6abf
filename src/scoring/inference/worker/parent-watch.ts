import { Worker } from 'node:worker_threads';

/**
 * File descriptor of a pipe whose other end only the parent has: it closes when the parent ends, for whatever reason.
 */
export const PARENT_PIPE = 4;

/**
 * Limits of the watching thread, which holds a socket alone: what it reserves counts against the bound of the process.
 */
const RESOURCES = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 8, stackSizeMb: 1 };

/**
 * Starts the thread (the built `inference-parent-watch.js`) that ends this process when its parent ends; the main
 * thread would not notice while it loops in machine code. Resolves when the thread runs.
 */
export function endWithParent(thread: URL): Promise<void> {
  const worker = new Worker(thread, { resourceLimits: RESOURCES });
  worker.unref();
  return new Promise((resolve, reject) => {
    worker.once('online', resolve);
    worker.once('error', reject);
  });
}

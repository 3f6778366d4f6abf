import { writeFileSync } from 'node:fs';
import { withHeartbeat } from '../engine/engine.ts';
import { loadNativeEngine } from '../engine/native-engine.ts';
import type { Answer, Beat, Request } from './messages.ts';
import { type PackedAnswer, type PackedBatch, Unpacker } from './packing.ts';
import { endWithParent } from './parent-watch.ts';
import { WorkerServer } from './worker-server.ts';

/** Least time between two beats, ms: finer than the shortest deadline's ticks is of no use. */
const BEAT_MS = 50;

/** Score that makes the kernel end this process before the gateway when memory runs out. */
const OOM_SCORE = '1000';

/**
 * Makes a function that counts runs and sends the count, so that a long batch of single runs is not taken for a hang.
 */
function pacemaker(send: (message: Beat) => void): () => void {
  let beat = 0;
  let told = performance.now();
  return () => {
    beat += 1;
    const now = performance.now();
    if (now - told < BEAT_MS) return;
    told = now;
    send({ beat });
  };
}

/** Signals by which a service manager or a terminal ends the whole gateway: it ends its processes itself, in order. */
const LEFT_TO_GATEWAY = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Sets the score, where there is such a thing. */
function offerToKernel(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE);
  } catch {
    // Only Linux has such scores; elsewhere the process is one like any other.
  }
}

/** Serves an inference process, of which this file is the entry. */
function serve(send: (message: Answer | PackedAnswer | Beat) => void): void {
  for (const signal of LEFT_TO_GATEWAY) process.on(signal, () => undefined);
  offerToKernel();
  const watched = endWithParent(new URL('inference-parent-watch.js', import.meta.url));
  const engine = watched.then(loadNativeEngine).then((loaded) => withHeartbeat(loaded, pacemaker(send)));
  // A failure to load the engine is the answer to the first request.
  engine.catch(() => undefined);
  const server = new WorkerServer(engine, () => process.memoryUsage.rss());
  const unpacker = new Unpacker((request) => server.serve(request));
  process.on('message', async (request: Request | PackedBatch) => send(await unpacker.serve(request)));
  process.on('disconnect', () => process.exit());
}

if (process.send !== undefined) serve((message) => void process.send?.(message));

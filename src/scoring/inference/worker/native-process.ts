import { writeFileSync } from 'node:fs';
import { withHeartbeat } from '../engine/engine.ts';
import { loadNativeEngine } from '../engine/native-engine.ts';
import type { Answer, Beat, Request } from './messages.ts';
import { type PackedAnswer, type PackedBatch, Unpacker } from './packing.ts';
import { endWithParent } from './parent-watch.ts';
import { WorkerServer } from './worker-server.ts';

/** Beats need no finer steps than the shortest deadline's ticks. */
const BEAT_MS = 50;

/** The first that the kernel takes when memory runs out, before the gateway. */
const OOM_SCORE = '1000';

/** Tells of runs, so that a long batch of single ones is not taken for a hang. */
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

function offerToKernel(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE);
  } catch {
    // Only Linux has it, and without it the process is one like any other.
  }
}

/** Entry of an inference process. */
function serve(send: (message: Answer | PackedAnswer | Beat) => void): void {
  offerToKernel();
  const watched = endWithParent(new URL('inference-parent-watch.js', import.meta.url));
  const engine = watched.then(loadNativeEngine).then((loaded) => withHeartbeat(loaded, pacemaker(send)));
  // Why it is not there is the answer to the first request.
  engine.catch(() => undefined);
  const server = new WorkerServer(engine, () => process.memoryUsage.rss());
  const unpacker = new Unpacker((request) => server.serve(request));
  process.on('message', async (request: Request | PackedBatch) => send(await unpacker.serve(request)));
  process.on('disconnect', () => process.exit());
}

if (process.send !== undefined) serve((message) => void process.send?.(message));

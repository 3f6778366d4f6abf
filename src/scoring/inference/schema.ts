import * as z from 'zod';
import { duration, size } from '../../common/core/index.ts';

/** Schema of the configuration under `inference`. */
export const inferenceSchema = z.strictObject({
  engine: z
    .enum(['auto', 'wasm', 'native'])
    .default('auto')
    .describe('What runs the models: wasm (ONNX Runtime Web), native (onnxruntime-node), or the best that is there.'),
  workers: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('Threads per model. Each model has its own, so that one that hangs or crashes disturbs no other.'),
  memory: size({ least: '32MiB', most: '4GiB' })
    .prefault('256MiB')
    .describe('Cap on the memory of one thread: an allocation beyond it fails instead of taking it from the host.'),
  deadline: z
    .strictObject({
      create: duration({ most: '1h' })
        .prefault('30s')
        .describe('Longest time to load a model; beyond it the model is refused.'),
      run: duration({ most: '1h' })
        .prefault('5s')
        .describe('Longest time of one run; beyond it the thread is replaced and what it held is failed.'),
    })
    .prefault({})
    .describe('How long the engine may take.'),
  batch: z
    .strictObject({
      size: z.int().min(1).max(1024).default(32).describe('Most rows of different assets that are run together.'),
      wait: duration({ most: '1m' })
        .prefault('0ms')
        .describe('How long a batch that is not full waits for more rows; 0ms sends it as soon as a thread is free.'),
    })
    .prefault({})
    .describe('Rows of several assets in one run, for models that allow it.'),
  restarts: z
    .strictObject({
      max: z
        .int()
        .min(0)
        .max(1_000)
        .default(3)
        .describe('Threads of one model that may be replaced within the time below.'),
      within: duration({ most: '366d' })
        .prefault('10m')
        .describe('Beyond the number above in this time the model stays off.'),
      backoff: duration({ most: '1h' })
        .prefault('2s')
        .describe(
          'Wait before the second of them; each further one waits twice as long, at most 30s. The first: none.',
        ),
    })
    .prefault({})
    .describe('How often a thread that hung or crashed is replaced.'),
  warmup: duration({ most: '1m' })
    .prefault('250ms')
    .describe('Trial runs before a model counts as ready: the engine starts at a sixth of its speed.'),
});

/** Configuration under `inference`, with defaults filled in. */
export type InferenceConfig = z.output<typeof inferenceSchema>;

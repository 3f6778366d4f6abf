import { existsSync, readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import type { Inference, LoadedModel } from '../../src/scoring/inference/index.ts';
import { Answers, engines, fixture, startInference } from './support.ts';

const SWAPS = 100;
/** Swaps at the beginning: they fill allocators and caches, and V8 optimizes what loads a model, some 55 swaps long. */
const WARM = 60;
/** Swaps of which the median counts. */
const STRETCH = 20;
/** Between two stretches of one run. One engine that stayed would be some 16 MiB a swap, 320 MiB from one to the next. */
const FLAT = 1.1;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const openFiles = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

let inference: Inference | undefined;
afterEach(() => inference?.close());

describe.each(engines)('on %s', (engine) => {
  test('memory, threads and files are the same after a hundred models that took the place of one another', async () => {
    const started = startInference({ engine, batch: { size: 4, wait: 0 } });
    inference = started.inference;
    const memory: number[] = [];
    const files: number[] = [];
    let current: LoadedModel | undefined;
    for (let swap = 0; swap < SWAPS; swap += 1) {
      const answers = new Answers();
      const next = await started.inference.load({
        name: 'mlp',
        bytes: fixture('mlp'),
        inputs: [{ tensor: 'x', shape: [8] }],
        outputs: ['y'],
        onResult: answers.onResult,
        onFailure: answers.onFailure,
      });
      await current?.close();
      current = next;
      next.submit(new Float64Array(8), 0);
      await answers.settled(1);
      expect(answers.results.size).toBe(1);
      // Only what is compared has to be free of garbage.
      if (swap >= WARM) collectGarbage();
      memory.push(process.memoryUsage.rss());
      files.push(openFiles());
    }
    expect(started.workers).toHaveLength(1);
    const [first, last] = [memory.slice(WARM, WARM + STRETCH), memory.slice(-STRETCH)];
    expect(median(last) / median(first)).toBeLessThan(FLAT);
    expect(median(files.slice(-STRETCH))).toBe(median(files.slice(WARM, WARM + STRETCH)));
  }, 240_000);
});

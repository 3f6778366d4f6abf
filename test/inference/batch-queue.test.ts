import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { EdgewrightError } from '../../src/common/core/index.ts';
import { BatchQueue } from '../../src/scoring/inference/model/batch-queue.ts';
import type { Binding } from '../../src/scoring/inference/worker/messages.ts';
import type { WorkerPool } from '../../src/scoring/inference/worker/worker-pool.ts';

const WIDTH = 1 << 18;

/** Rows that a queue takes whose workers are all busy. */
async function rowsTaken(wide: boolean): Promise<number> {
  const binding: Binding = {
    inputs: [{ tensor: 'x', shape: [1, WIDTH], datatype: wide ? 'FP64' : 'FP32' }],
    ...{ constants: new Map(), outputs: ['y'], widths: [1], labels: new Map(), size: 1, wide, together: true },
  };
  const events = new EventEmitter();
  const refused = once(events, 'refused');
  const queue = new BatchQueue({
    ...{ name: 'm', binding, wait: 0, workers: 1, deadline: 1000 },
    pool: { pick: () => undefined } as unknown as WorkerPool,
    clock: { now: () => 0, monotonic: () => 0, trusted: () => true },
    onResult: () => {},
    onFailure: (_, error) => events.emit('refused', error),
  });
  const row = new Float64Array(WIDTH);
  for (let ticket = 0; ticket < 80; ticket += 1) queue.submit(row, ticket);
  const [{ code, message }]: [EdgewrightError] = (await refused) as [EdgewrightError];
  expect(code).toBe('inference.overloaded');
  return Number(/(\d+) inputs wait/.exec(message)?.[1]);
}

describe('rows that wait for busy workers', () => {
  it('take 64 MiB at most, whether a number has four bytes or eight', async () => {
    const MIB = 1 << 20;
    expect((await rowsTaken(false)) * WIDTH * 4).toBe(64 * MIB);
    expect((await rowsTaken(true)) * WIDTH * 8).toBe(64 * MIB);
  });
});

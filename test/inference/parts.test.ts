import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGolden } from '../../src/common/onnx/index.ts';
import type { BoundInput } from '../../src/scoring/inference/engine/row.ts';
import { inferenceOptions, inferenceSchema } from '../../src/scoring/inference/index.ts';
import { BatchFactory, dropRows } from '../../src/scoring/inference/model/batch-factory.ts';
import { probeSizes } from '../../src/scoring/inference/model/batch-probe.ts';
import { probeInputs } from '../../src/scoring/inference/model/probe-inputs.ts';
import { type Binding, newBuffer } from '../../src/scoring/inference/worker/messages.ts';
import { Packer } from '../../src/scoring/inference/worker/packing.ts';
import { RestartBudget } from '../../src/scoring/inference/worker/restart-budget.ts';
import { fixtureText } from './support.ts';

describe('the restart budget', () => {
  test('gives back what was taken long enough ago', () => {
    const budget = new RestartBudget({ max: 2, within: 100, backoff: 0 });
    const given = [0, 50, 99, 100, 101, 150].map((now) => budget.take(now) !== undefined);
    expect(given).toEqual([true, true, false, true, false, true]);
  });

  test('gives the first at once, and each further one twice as late, up to half a minute', () => {
    const budget = new RestartBudget({ max: 10, within: 600_000, backoff: 1000 });
    const waits = Array.from({ length: 9 }, (_, index) => budget.take(index));
    expect(waits).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(budget.take(700_000)).toBe(0);
  });

  test('never gives more than its maximum in any time of its length', () => {
    const gaps = fc.array(fc.nat(60), { maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 0, max: 4 }), (times, max) => {
        const budget = new RestartBudget({ max, within: 100, backoff: 1 });
        let now = 0;
        const taken = times.flatMap((gap) => {
          now += gap;
          return budget.take(now) === undefined ? [] : [now];
        });
        for (const from of taken)
          expect(taken.filter((at) => at >= from && at - from < 100).length).toBeLessThanOrEqual(max);
      }),
    );
  });
});

describe('batches', () => {
  const binding: Binding = {
    inputs: [{ tensor: 'x', shape: [2, 3], datatype: 'FP32' }],
    constants: new Map(),
    outputs: ['a', 'b'],
    widths: [1, 4],
    labels: new Map(),
    size: 8,
    wide: false,
    together: true,
  };

  test('whose answer fits none that was sent break the process that gave it', () => {
    const packer = new Packer();
    packer.pack({ id: 1, kind: 'bind', binding });
    packer.pack({ id: 2, kind: 'batch', rows: 1, buffer: newBuffer(binding) });
    for (const [id, bytes] of [
      [3, 20],
      [2, 19],
    ] as const) {
      const answer = packer.unpack({ id, packed: new Uint8Array(bytes) });
      expect(answer).toMatchObject({ id, error: { kind: undefined } });
    }
  });

  test('keep input and outputs apart in one buffer', () => {
    const factory = new BatchFactory(binding);
    const batch = factory.open(0);
    expect(factory.width).toBe(6);
    expect(batch.input).toHaveLength(8 * 6);
    expect(batch.buffer.byteLength).toBe(8 * (6 + 1 + 4) * 4);
    batch.input.fill(1);
    const { data } = factory.outputs(batch.buffer, 8);
    expect(data.map(({ length }) => length)).toEqual([8, 32]);
    for (const [value, output] of data.entries()) output.fill(value + 2);
    expect([...new Set(new Float32Array(batch.buffer))]).toEqual([1, 2, 3]);
  });

  test('hold what float32 does not where they are wide', () => {
    const wide = { ...binding, wide: true };
    const factory = new BatchFactory(wide);
    const batch = factory.open(0);
    batch.input.fill(0.1);
    const { data } = factory.outputs(batch.buffer, 8);
    for (const output of data) output.fill(2 ** 53 - 1);
    expect([...new Set(new Float64Array(batch.buffer))]).toEqual([0.1, 2 ** 53 - 1]);
  });

  test('are made of what came back', () => {
    const factory = new BatchFactory(binding);
    const { buffer, tickets } = factory.open(0);
    factory.recycle(buffer, tickets);
    expect(factory.open(1).buffer).toBe(buffer);
    expect(factory.open(2).buffer).not.toBe(buffer);
  });

  test('lose exactly the failed rows, and the others keep tickets, values and order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(7)), (failed) => {
        const one = Float32Array.from({ length: 8 }, (_, i) => i);
        const two = Float32Array.from({ length: 16 }, (_, i) => i >> 1);
        const batch = {
          names: ['a', 'b'],
          widths: [1, 2],
          data: [one, two],
        };
        const tickets = Float64Array.from({ length: 8 }, (_, i) => i);
        const rows = dropRows(batch, tickets, 8, failed.sort());
        const kept = [0, 1, 2, 3, 4, 5, 6, 7].filter((row) => !failed.includes(row));
        expect([...tickets.subarray(0, rows)]).toEqual(kept);
        expect([...one.subarray(0, rows)]).toEqual(kept);
        expect([...two.subarray(0, rows * 2)]).toEqual(kept.flatMap((row) => [row, row]));
      }),
    );
  });
});

describe('the probe', () => {
  test('tries the rows of the golden cases first, then numbers that are always the same', () => {
    const golden = parseGolden(fixtureText('mlp.golden.json'), 'mlp.golden.json');
    const use: BoundInput[] = [{ tensor: 'x', shape: [8], datatype: 'FP32' }];
    const inputs = probeInputs(use, 6, golden);
    const recorded = golden.cases.flatMap(({ inputs: [tensor] }) => tensor?.data ?? []);
    expect(inputs.slice(0, 4).flatMap((row) => [...row])).toEqual([...Float32Array.from(recorded as number[])]);
    expect(inputs).toHaveLength(6);
    expect(probeInputs(use, 6, golden)).toEqual(inputs);
    expect(inputs.every((row) => row.length === 8 && row.every(Number.isFinite))).toBe(true);
  });

  test('tries the full batch, and only sizes that occur', () => {
    expect(probeSizes(1)).toEqual([1]);
    expect(probeSizes(4)).toEqual([4, 2, 3]);
    expect(probeSizes(32)).toEqual([32, 2, 3, 4, 5, 7, 31]);
  });
});

describe('configuration', () => {
  test('has a default for every key', () => {
    expect(inferenceOptions(inferenceSchema.parse({}))).toEqual({
      engine: 'auto',
      workers: 1,
      memoryMiB: 256,
      deadline: { create: 30_000, run: 5_000 },
      batch: { size: 32, wait: 0 },
      restarts: { max: 3, within: 600_000, backoff: 2000 },
      warmup: 250,
    });
  });

  test.each([
    [{ memory: '1MiB' }, 'must be at least 32MiB'],
    [{ batch: { size: 0 } }, '>=1'],
    [{ worker: 2 }, 'worker'],
    [{ engine: 'cuda' }, 'native'],
  ])('%j is refused', (config, words) => {
    expect(inferenceSchema.safeParse(config).error?.message).toContain(words);
  });
});

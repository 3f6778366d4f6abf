import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseGolden } from '../../src/common/onnx/index.ts';
import type { Inference, LoadSpec } from '../../src/scoring/inference/index.ts';
import { Answers, engines, fixture, fixtureText, memoryLogger, startInference, vectors } from './support.ts';

let inference: Inference | undefined;
afterEach(() => inference?.close());

const mlp = (answers: Answers, rest: Partial<LoadSpec> = {}): LoadSpec => ({
  name: 'mlp',
  bytes: fixture('mlp'),
  inputs: [{ tensor: 'x', shape: [8] }],
  outputs: ['y'],
  onResult: answers.onResult,
  onFailure: answers.onFailure,
  ...rest,
});

describe.each(engines)('on %s', (engine) => {
  /** Answers of one model to the same vectors with the given batch size. */
  async function answersOf(spec: Partial<LoadSpec>, size: number, rows: readonly Float64Array[], workers = 1) {
    const answers = new Answers();
    const started = startInference({ engine, batch: { size, wait: 0 }, workers });
    inference = started.inference;
    const model = await inference.load(mlp(answers, spec));
    for (const [ticket, row] of rows.entries()) model.submit(row, ticket);
    await answers.settled(rows.length);
    await inference.close();
    return { answers, batchable: model.batchable };
  }

  describe('a loaded model', () => {
    test('answers its golden inputs as its maker recorded', async () => {
      const golden = parseGolden(fixtureText('mlp.golden.json'), 'mlp.golden.json');
      const input = Float64Array.from(golden.cases[0]?.inputs[0]?.data as number[]);
      const { answers } = await answersOf({ golden }, 32, [input]);
      const expected = golden.cases[0]?.outputs[0]?.data as number[];
      for (const [index, value] of (answers.results.get(0)?.[0] ?? []).entries()) {
        expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 5);
      }
      expect(answers.results.get(0)?.[0]).toHaveLength(4);
    });

    test('copies what is submitted', async () => {
      const [row = new Float64Array(8)] = vectors(1, 8);
      const answers = new Answers();
      ({ inference } = startInference({ engine }));
      const model = await inference.load(mlp(answers));
      const scratch = row.slice();
      model.submit(scratch, 1);
      scratch.fill(0);
      await answers.settled(1);
      const { answers: alone } = await answersOf({}, 1, [row]);
      expect(answers.results.get(1)).toEqual(alone.results.get(0));
    });

    test('gives several outputs, each with its own width', async () => {
      const rows = [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6, 7, 8)];
      const spec = {
        bytes: fixture('two_outputs'),
        inputs: [{ tensor: 'x', shape: [4] }],
        outputs: ['negative', 'sum'],
      };
      const { answers } = await answersOf(spec, 32, rows);
      expect(answers.results.get(0)).toEqual([[-1, -2, -3, -4], [10]]);
      expect(answers.results.get(1)).toEqual([[-5, -6, -7, -8], [26]]);
    });

    test('passes NaN on as it is', async () => {
      const spec = { bytes: fixture('nan'), inputs: [{ tensor: 'x', shape: [4] }] };
      const { answers } = await answersOf(spec, 4, [Float64Array.of(-1, 1, Number.NaN, 1)]);
      expect(answers.results.get(0)?.[0]).toEqual([Number.NaN, 0, Number.NaN, 0]);
    });

    test('says what it is and what it has done', async () => {
      const answers = new Answers();
      ({ inference } = startInference({ engine }));
      const model = await inference.load(mlp(answers));
      for (const [ticket, row] of vectors(70, 8).entries()) model.submit(row, ticket);
      expect(model.stats()).toMatchObject({ state: 'ready', threads: 1, restarts: 0, pending: 70 });
      await model.drain();
      expect(model.stats()).toMatchObject({ pending: 0, rows: 70, batches: 3, failures: 0 });
      expect(model.info.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [-1, 8] }]);
      expect(model.engine).toMatch(new RegExp(`^${engine} \\d+\\.\\d+`));
      await model.close();
      expect(model.stats().state).toBe('closed');
    });
  });

  describe('batching', () => {
    const rows = vectors(100, 8);

    test('gives the same bits with batch 1, 7 and 32, and over two threads', async () => {
      const { answers: one } = await answersOf({}, 1, rows);
      for (const [size, workers] of [
        [7, 1],
        [32, 1],
        [32, 2],
      ] as const) {
        const { answers, batchable } = await answersOf({}, size, rows, workers);
        expect(batchable).toBe(true);
        expect(new Map([...answers.results].sort(([a], [b]) => a - b))).toEqual(one.results);
      }
    });

    test.each([
      ['mlp_dynamic', 8],
      ['mlp_fixed_batch', 8],
      ['centred_over_batch', 4],
    ])('%s, which a batch would change or cannot take, is run row by row', async (name, width) => {
      const inputs = vectors(10, width);
      const spec = { bytes: fixture(name), inputs: [{ tensor: 'x', shape: [width] }] };
      const { answers: one } = await answersOf(spec, 1, inputs);
      const { answers, batchable } = await answersOf(spec, 32, inputs);
      expect(batchable).toBe(false);
      expect(answers.results).toEqual(one.results);
    });

    test.each([1, 4, 7, 32])('a model that takes exactly four rows gets them, in batches of %d', async (size) => {
      const inputs = vectors(10, 3);
      const spec = { bytes: fixture('rows_of_four'), inputs: [{ tensor: 'x', shape: [3] }] };
      const { answers } = await answersOf(spec, size, inputs);
      expect(answers.failures.size).toBe(0);
      const sums = inputs.map((row) => [row.reduce((sum, value) => Math.fround(sum + Math.fround(value)), 0)]);
      for (const [ticket, [sum = 0]] of sums.entries())
        expect(answers.results.get(ticket)?.[0]?.[0]).toBeCloseTo(sum, 5);
    });

    test('a batch that is not full waits for its time when there is one', async () => {
      const answers = new Answers();
      ({ inference } = startInference({ engine, batch: { size: 4, wait: 30_000 } }));
      const model = await inference.load(mlp(answers));
      for (const [ticket, row] of vectors(6, 8).entries()) model.submit(row, ticket);
      await answers.settled(4);
      expect(model.stats()).toMatchObject({ pending: 2, batches: 1 });
      await model.drain();
      expect(answers.results.size).toBe(6);
    });

    test('a wait that is over sends what there is', async () => {
      const answers = new Answers();
      ({ inference } = startInference({ engine, batch: { size: 4, wait: 20 } }));
      const model = await inference.load(mlp(answers));
      for (const [ticket, row] of vectors(3, 8).entries()) model.submit(row, ticket);
      await answers.settled(3);
      expect(model.stats()).toMatchObject({ pending: 0, batches: 1 });
    });

    test('a row that cannot be answered fails alone', async () => {
      const spec = { bytes: fixture('fails_above_3'), inputs: [{ tensor: 'x', shape: [1] }] };
      const inputs = [0, 1, 9, 3].map((value) => Float64Array.of(value));
      const { answers } = await answersOf(spec, 32, inputs);
      expect([...answers.results]).toEqual([
        [0, [[0]]],
        [1, [[10]]],
        [3, [[30]]],
      ]);
      expect(answers.failures.get(2)).toMatchObject({ code: 'inference.run-failed', subject: 'mlp' });
      expect(answers.failures.get(2)?.message).toContain('out of data bounds');
    });
  });

  describe('bounds', () => {
    test('credit is withheld while much waits, and comes back', async () => {
      const answers = new Answers();
      ({ inference } = startInference({ engine, batch: { size: 4, wait: 0 } }));
      const model = await inference.load(mlp(answers));
      let submitted = 0;
      let credit = model.credit();
      while (credit === undefined && submitted < 10_000) {
        model.submit(new Float64Array(8), submitted);
        submitted += 1;
        credit = model.credit();
      }
      expect(submitted).toBeLessThan(10_000);
      await credit;
      expect(model.stats().pending).toBeLessThan(submitted);
      expect(model.credit()).toBeUndefined();
    });

    test('a vector of another length is refused at once', async () => {
      ({ inference } = startInference({ engine }));
      const model = await inference.load(mlp(new Answers()));
      expect(() => model.submit(new Float64Array(7), 0)).toThrow('expected 8 values, got 7');
    });

    test('closing fails what is not answered, and everything after', async () => {
      const answers = new Answers();
      ({ inference } = startInference({ engine, batch: { size: 32, wait: 30_000 } }));
      const model = await inference.load(mlp(answers));
      for (const [ticket, row] of vectors(40, 8).entries()) model.submit(row, ticket);
      await model.close();
      model.submit(new Float64Array(8), 40);
      await answers.settled(41);
      expect(answers.codes()).toEqual({ 'inference.closed': 41 });
      expect(answers.twice).toEqual([]);
    });
  });

  test('a model that is being loaded is given up with the engine, which then takes no other', async () => {
    const answers = new Answers();
    const started = startInference({ engine, deadline: { create: 60_000, run: 60_000 } });
    inference = started.inference;
    const inputs = [{ tensor: 'x', shape: [4] }];
    const loading = inference.load(mlp(answers, { name: 'endless', bytes: fixture('endless'), inputs }));
    const givenUp = expect(loading).rejects.toMatchObject({ code: 'inference.closed', subject: 'endless' });
    await vi.waitFor(() => expect(started.workers).toHaveLength(1));
    await inference.close();
    await givenUp;
    await vi.waitFor(() => expect(started.workers).toEqual([]));
    await expect(inference.load(mlp(answers))).rejects.toMatchObject({ code: 'inference.closed' });
  });

  test('a model that is run row by row says why in the log', async () => {
    const logger = memoryLogger();
    ({ inference } = startInference({ engine, logger }));
    await inference.load(
      mlp(new Answers(), { bytes: fixture('centred_over_batch'), inputs: [{ tensor: 'x', shape: [4] }] }),
    );
    expect(logger.entries).toEqual([expect.objectContaining({ level: 'info', why: 'a batch changes its answers' })]);
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import type { Inference, LoadSpec } from '../../src/scoring/inference/index.ts';
import { Answers, engines, fixture, startInference } from './support.ts';

let inference: Inference | undefined;
afterEach(() => inference?.close());

describe.each(engines)('rows on %s', (engine) => {
  /** What a model answers to rows of numbers, one array per output, by ticket; a code where it failed. */
  async function answersOf(spec: Pick<LoadSpec, 'name' | 'inputs' | 'outputs'> & Partial<LoadSpec>, rows: number[][]) {
    const answers = new Answers();
    ({ inference } = startInference({ engine, batch: { size: 4, wait: 0 } }));
    const { onResult, onFailure } = answers;
    const model = await inference.load({ bytes: fixture(spec.name), onResult, onFailure, ...spec });
    for (const [ticket, row] of rows.entries()) model.submit(Float64Array.from(row), ticket);
    await answers.settled(rows.length);
    return {
      batchable: model.batchable,
      results: rows.map((_, ticket) => answers.results.get(ticket) ?? answers.failures.get(ticket)?.code),
    };
  }

  test.each([
    ['identity_float16', 0.5],
    ['identity_double', 0.1],
    ['identity_int8', -128],
    ['identity_uint8', 255],
    ['identity_int16', -32768],
    ['identity_uint16', 65535],
    ['identity_int32', -(2 ** 31)],
    ['identity_uint32', 2 ** 32 - 1],
    ['identity_int64', -(2 ** 53) + 1],
    ['identity_uint64', 2 ** 53 - 1],
    ['identity_bool', 1],
  ])('%s takes numbers and gives them back', async (name, value) => {
    const { results } = await answersOf({ name, inputs: [{ tensor: 'x', shape: [] }], outputs: ['y'] }, [[value], [0]]);
    expect(results).toEqual([[[value]], [[0]]]);
  });

  test.each([
    ['identity_int64', 0.5],
    ['identity_int64', 2 ** 53],
    ['identity_uint8', -1],
    ['identity_int8', 200],
    ['identity_bool', 2],
  ])('%s fails %d, which is none of its numbers, and answers the others', async (name, value) => {
    const { results } = await answersOf({ name, inputs: [{ tensor: 'x', shape: [] }], outputs: ['y'] }, [
      [1],
      [value],
      [0],
    ]);
    expect(results).toEqual([[[1]], 'inference.input-mismatch', [[0]]]);
  });

  test.each<[name: string, least: number, greatest: number]>([
    ['identity_int8', -128, 127],
    ['identity_uint8', 0, 255],
  ])('%s with a scale gets whole numbers, half to even and within its type', async (name, least, greatest) => {
    const quantization = { scale: 0.5, zeroPoint: 10 };
    const inputs = [{ tensor: 'x', shape: [], quantization }];
    const { results } = await answersOf({ name, inputs, outputs: ['y'] }, [[0.25], [0.75], [1.3], [1e6], [-1e6]]);
    expect(results).toEqual([[[10]], [[12]], [[13]], [[greatest]], [[least]]]);
  });

  test('a scale is refused of a model that takes floating point, and a zero point beyond the type', async () => {
    const load = (name: string, zeroPoint: number) =>
      answersOf(
        { name, inputs: [{ tensor: 'x', shape: [], quantization: { scale: 1, zeroPoint } }], outputs: ['y'] },
        [],
      );
    await expect(load('identity_float16', 0)).rejects.toThrow('input x is FP16, and the manifest has a quantization');
    await expect(load('identity_uint8', -1)).rejects.toThrow('does not hold the zero point -1');
  });

  test('NaN goes to floating point alone, in every row of a batch', async () => {
    const inputs = [{ tensor: 'x', shape: [], gaps: ['temp'] }];
    const { results } = await answersOf({ name: 'identity_double', inputs, outputs: ['y'] }, [[1], [Number.NaN], [2]]);
    expect(results).toEqual([[[1]], [[Number.NaN]], [[2]]]);
    const half = await answersOf({ name: 'identity_float16', inputs, outputs: ['y'] }, [[Number.NaN], [2]]);
    expect(half.results).toEqual([[[Number.NaN]], [[2]]]);
    await expect(answersOf({ name: 'identity_int8', inputs, outputs: ['y'] }, [])).rejects.toThrow(
      'input x is INT8, which has no NaN for a missing temp',
    );
  });

  test('a number beyond float16 fails alone, and is named as that', async () => {
    const inputs = [{ tensor: 'x', shape: [] }];
    const { results } = await answersOf({ name: 'identity_float16', inputs, outputs: ['y'] }, [[65504], [70000], [1]]);
    expect(results).toEqual([[[65504]], 'inference.float16-overflow', [[1]]]);
  });

  test('several inputs are parts of one row, batched over rows', async () => {
    const inputs = ['a', 'b'].map((tensor) => ({ tensor, shape: [4] }));
    const rows = Array.from({ length: 6 }, (_, row) => [1, 2, 3, 4, 10 * row, 20, 30, 40]);
    const { results, batchable } = await answersOf({ name: 'two_inputs', inputs, outputs: ['y'] }, rows);
    expect(results).toEqual(rows.map((_, row) => [[1 + 10 * row, 22, 33, 44]]));
    expect(batchable).toBe(true);
  });

  test('an input may be the same in every run', async () => {
    const constants = [{ name: 'b', datatype: 'FP32', shape: [1, 4], data: [100, 200, 300, 400] }] as const;
    const inputs = [{ tensor: 'a', shape: [4] }];
    const { results } = await answersOf({ name: 'two_inputs', inputs, constants, outputs: ['y'] }, [[1, 2, 3, 4]]);
    expect(results).toEqual([[[101, 202, 303, 404]]]);
  });

  test('numbers stand for texts where an input takes strings', async () => {
    const texts = [
      new Map([
        [0, 'steel'],
        [1, 'brass'],
      ]),
    ];
    const inputs = [{ tensor: 'material', shape: [1], texts }];
    const { results } = await answersOf({ name: 'hardness', inputs, outputs: ['y'] }, [[1], [0], [7]]);
    expect(results).toEqual([[[60]], [[150]], 'inference.input-mismatch']);
  });

  test('a label comes back as its place among those that are known, -1 for any other', async () => {
    const texts = [new Map(['steel', 'brass', 'lead'].map((text, code) => [code, text]))];
    const spec = { name: 'identity_string', inputs: [{ tensor: 'x', shape: [], texts }], outputs: ['y'] };
    const { results } = await answersOf({ ...spec, labels: new Map([['y', ['brass', 'steel']]]) }, [[0], [1], [2]]);
    expect(results).toEqual([[[1]], [[0]], [[-1]]]);
  });

  test('whole numbers are labels too', async () => {
    const spec = { name: 'identity_int64', inputs: [{ tensor: 'x', shape: [] }], outputs: ['y'] };
    const { results } = await answersOf({ ...spec, labels: new Map([['y', ['-7', '5']]]) }, [[5], [-7], [0]]);
    expect(results).toEqual([[[1]], [[0]], [[-1]]]);
  });

  test('a state comes in behind the inputs and goes out behind the outputs', async () => {
    const states = [{ input: 'sum', output: 'next', shape: [1, -1, 2] }];
    const spec = { name: 'running_sum', inputs: [{ tensor: 'x', shape: [2] }], states, outputs: ['y'] };
    const { results, batchable } = await answersOf(spec, [[1, 2, 10, 20]]);
    expect(results).toEqual([[[33], [11, 22]]]);
    expect(batchable).toBe(false);
  });
});

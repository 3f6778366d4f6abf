import { afterAll, describe, expect, test } from 'vitest';
import { parseGolden } from '../../src/common/onnx/index.ts';
import { createInference, type LoadSpec } from '../../src/scoring/inference/index.ts';
import { modelOf } from '../models/support/fixtures.ts';
import { MISFITS, withFirstCase } from './misfits.ts';
import {
  Answers,
  fixture,
  fixtureText,
  memoryLogger,
  nativeInstalled,
  startInference,
  testOptions,
} from './support.ts';

const { inference, workers } = startInference({ deadline: { create: 30_000, run: 1000 }, memoryMiB: 64 });
afterAll(() => inference.close());

const answers = new Answers();
const load = (name: string, rest: Partial<LoadSpec> = {}) =>
  inference.load({
    name,
    bytes: fixture(name),
    inputs: [{ tensor: 'x', shape: [4] }],
    outputs: ['y'],
    onResult: answers.onResult,
    onFailure: answers.onFailure,
    ...rest,
  });

const ascii = (content: string) => new TextEncoder().encode(content);
/** The file of a fixture with another IR version, which is its first field. */
function withIr(name: string, version: number): Uint8Array {
  const bytes = fixture(name);
  expect(bytes[0]).toBe(8);
  bytes[1] = version;
  return bytes;
}

/** A forest with another version of the operators for classic models. */
function withMlOpset(version: number): Uint8Array {
  const bytes = new Uint8Array(modelOf('random_forest'));
  const at = Buffer.from(bytes).lastIndexOf('ai.onnx.ml') + 'ai.onnx.ml'.length;
  expect([...bytes.subarray(at, at + 2)]).toEqual([16, 1]);
  bytes[at + 1] = version;
  return bytes;
}

const mlp = { inputs: [{ tensor: 'x', shape: [8] }] };

describe('a model is refused at load, with what was expected and what there is', () => {
  test.each<[string, string, string, Partial<LoadSpec>, string]>([
    ['an HTML page', 'mlp', 'onnx.not-a-model', { bytes: ascii('<!doctype html>') }, 'mlp: it is an HTML'],
    ['a model cut in half', 'mlp', 'onnx.truncated', { bytes: fixture('mlp').slice(0, 500) }, 'mlp: field 7 claims'],
    ['another width', 'mlp', 'inference.input-mismatch', {}, 'expected input x [N,4], the model has [N,8]'],
    [
      'another rank',
      'mlp',
      'inference.input-mismatch',
      { inputs: [{ tensor: 'x', shape: [2, 4] }] },
      '[N,2,4], the model has [N,8]',
    ],
    [
      'another input name',
      'mlp',
      'inference.input-mismatch',
      { inputs: [{ tensor: 'z', shape: [8] }] },
      'input z, the model has x',
    ],
    ['no batch axis', 'mlp_no_batch', 'inference.input-mismatch', mlp, '[N,8], the model has [8]'],
    [
      'four rows at once that change one another',
      'centred_over_four',
      'inference.input-mismatch',
      { inputs: [{ tensor: 'x', shape: [4] }] },
      'takes exactly 4 rows at once, and they are not apart: each changes what the model answers for the others',
    ],
    [
      'four rows at once with one answer',
      'one_of_four',
      'inference.output-mismatch',
      { inputs: [{ tensor: 'x', shape: [3] }] },
      'takes exactly 4 rows at once, and y has 3 values: [1,3]',
    ],
    [
      'another output name',
      'mlp',
      'inference.output-mismatch',
      { ...mlp, outputs: ['y', 'z'] },
      'output z, the model has y',
    ],
    [
      'several inputs',
      'two_inputs',
      'inference.input-mismatch',
      { inputs: [{ tensor: 'a', shape: [4] }] },
      'the model has a, b',
    ],
    [
      'strings for which there are no texts',
      'identity_string',
      'inference.unsupported-type',
      { inputs: [{ tensor: 'x', shape: [] }] },
      'input x takes text',
    ],
    ['bfloat16', 'identity_bfloat16', 'inference.unsupported-type', {}, 'x is tensor(bfloat16)'],
    [
      'a sequence output',
      'sequence_output',
      'inference.not-a-tensor',
      { inputs: [{ tensor: 'x', shape: [3] }] },
      'output y is a sequence',
    ],
    ['weights in another file', 'external', 'inference.external-data', {}, 'weights lie in other files'],
    [
      'an operator version of the past',
      'opset_6',
      'inference.operator-unavailable',
      { inputs: [{ tensor: 'x', shape: [4] }] },
      'its opset 6 is older than 7, from which on the engines have every operator; ',
    ],
    [
      'an operator of the past, which is named',
      'opset_6',
      'inference.operator-unavailable',
      { inputs: [{ tensor: 'x', shape: [4] }] },
      'Add(6)',
    ],
    [
      'a format of the future',
      'mlp',
      'inference.format-too-new',
      { ...mlp, bytes: withIr('mlp', 14) },
      'IR version 14',
    ],
    [
      'classic operators of the future',
      'mlp',
      'inference.operator-unavailable',
      { bytes: withMlOpset(9) },
      'opset 9 of ai.onnx.ml, and the newest that the engines know is 5',
    ],
    [
      'an operator of somebody',
      'custom_domain',
      'inference.operator-unavailable',
      { inputs: [{ tensor: 'x', shape: [] }] },
      'Sprocket',
    ],
    [
      'an opset of the future',
      'opset_99',
      'inference.operator-unavailable',
      { inputs: [{ tensor: 'x', shape: [] }] },
      'opset 99',
    ],
    ['an endless loop', 'endless', 'inference.run-deadline', {}, 'no answer within 1000 ms'],
    ['two gigabytes', 'allocates_2_gb', 'inference.out-of-memory', {}, 'bad_alloc'],
  ])('%s', async (_name, model, code, rest, words) => {
    const error: unknown = await load(model, rest).catch((error: unknown) => error);
    expect(error).toMatchObject({ code, subject: model, hint: expect.stringMatching(/\w{3,}/) });
    expect(String(error)).toContain(words);
  });

  test('the newest format that is taken is one below the oldest that is refused', async () => {
    const model = await load('mlp', { ...mlp, bytes: withIr('mlp', 13) });
    expect(model.info.inputs).toHaveLength(1);
    await model.close();
  });

  test('and leaves no thread behind', () => {
    expect(workers).toEqual([]);
  });
});

/** Moves one value of the second case's output by a quarter. */
function shiftOneValue(key: string, value: unknown): unknown {
  if (key !== 'cases' || !Array.isArray(value)) return value;
  const [first, second] = value as { outputs: { data: number[] }[] }[];
  const outputs = second?.outputs.map((tensor) => ({
    ...tensor,
    data: tensor.data.map((x, i) => (i === 5 ? x + 0.25 : x)),
  }));
  return [first, { ...second, outputs }];
}

describe('golden cases', () => {
  const golden = parseGolden(fixtureText('mlp.golden.json'), 'mlp.golden.json');

  test('that are met let the model in', async () => {
    const model = await load('mlp', { ...mlp, golden });
    expect(model.stats().state).toBe('ready');
    await model.close();
  });

  test('that are not met refuse it, with the case and the largest error', async () => {
    const wrong = parseGolden(JSON.stringify({ ...golden, file: undefined }, shiftOneValue), 'wrong.json');
    const error: unknown = await load('mlp', { ...mlp, golden: wrong }).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'inference.golden-mismatch', subject: 'mlp' });
    expect(String(error)).toMatch(/case 1, output y: element 5 is .*, largest error 0\.(25|2499)/);
  });

  test.each(MISFITS)('with %s refuse it, with file, case and tensor', async (_what, change, says) => {
    const misfit = withFirstCase(golden, change);
    const error: unknown = await load('mlp', { ...mlp, golden: misfit }).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'inference.golden-invalid', subject: 'mlp.golden.json', path: 'cases.0' });
    expect(String(error)).toContain(says);
  });

  test('of a dynamically quantized copy are not met by the float model within its tolerance', async () => {
    const tight = { ...golden, tolerance: { rtol: 1e-4, atol: 1e-5 } };
    await expect(load('mlp_dynamic', { ...mlp, golden: tight })).rejects.toMatchObject({
      code: 'inference.golden-mismatch',
    });
  });

  test('may hold a golden file to its own tolerance', async () => {
    const loose = { ...golden, tolerance: { rtol: 0, atol: 0.1 } };
    const model = await load('mlp_dynamic', { ...mlp, golden: loose });
    await model.close();
  });
});

describe('an engine that is not there', () => {
  /** As on a machine for which there is none. */
  const nowhere = { processUrl: new URL('file:///nonexistent/inference-process.js') };
  const spec = { name: 'mlp', bytes: fixture('mlp'), outputs: ['y'], ...mlp, ...answers };

  test('is refused by name', async () => {
    const native = createInference(testOptions({ engine: 'native', ...nowhere }));
    await expect(native.load(spec)).rejects.toMatchObject({ code: 'inference.engine-unavailable' });
  });

  test('is passed over where any will do, and the log says why', async () => {
    const logger = memoryLogger();
    const any = createInference(testOptions({ engine: 'auto', ...nowhere, logger }));
    expect((await any.load(spec)).engine).toMatch(/^wasm /);
    expect(logger.entries).toEqual([
      expect.objectContaining({ level: 'info', code: 'inference.engine-unavailable', reason: expect.any(String) }),
    ]);
    await any.close();
  });

  test.runIf(nativeInstalled)('is not wasm where native works', async () => {
    const any = createInference(testOptions({ engine: 'auto' }));
    expect((await any.load(spec)).engine).toMatch(/^native \d/);
    await any.close();
  });

  test('is refused where its files are missing', async () => {
    const empty = createInference(testOptions({ wasmDir: '/nonexistent' }));
    const refused = empty.load({ name: 'mlp', bytes: fixture('mlp'), ...mlp, outputs: ['y'], ...answers });
    await expect(refused).rejects.toMatchObject({ code: 'inference.engine-unavailable' });
  });
});

import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseGolden } from '../../src/common/onnx/index.ts';
import { nativeInstalled } from '../inference/support.ts';
import { BENCH_MODEL } from './support/bundles.ts';
import { cli, linesOf, temporaryFolder } from './support/cli.ts';

const fixture = (name: string) => resolve('test/inference/fixtures', name);
const engines = nativeInstalled ? ['wasm', 'native'] : ['wasm'];

async function jsonFile(content: unknown): Promise<string> {
  const file = join(await temporaryFolder(), 'request.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('model inspect', () => {
  const inspect = async (file: string) =>
    linesOf<Record<string, unknown>>(await cli(['model', 'inspect', file, '--json']))[0];

  it('says what a model is, in the form that programs rely on', async () => {
    expect(await inspect(fixture('two_inputs.onnx'))).toMatchObject({
      file: fixture('two_inputs.onnx'),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      format: 'onnx',
      opsets: { 'ai.onnx': 17 },
      producer: 'edgewright-tests',
      inputs: [
        { name: 'a', datatype: 'FP32', shape: [-1, 4] },
        { name: 'b', datatype: 'FP32', shape: [-1, 4] },
      ],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 4] }],
      ops: { Add: 1 },
      quantization: 'none',
      warnings: [],
    });
  });

  it('says the same of a model in ORT format', async () => {
    expect(await inspect(resolve('test/onnx/fixtures/mlp.ort'))).toMatchObject({
      format: 'ort',
      opsets: { 'ai.onnx': 17 },
      producer: 'edgewright-tests',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 8] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 4] }],
      ops: { Gemm: 1, Tanh: 1, MatMul: 1 },
      parameters: 208,
    });
  });

  it.each([
    ['random_forest', 'probabilities', ['failure', 'ok'], 'TreeEnsembleClassifier'],
    ['mlp', 'probabilities', ['failure', 'ok'], 'ArrayFeatureExtractor of the table classes'],
    ['logistic_regression', 'output_probability', ['failure', 'ok'], 'ZipMap'],
    ['xgboost', 'probabilities', ['0', '1'], 'TreeEnsembleClassifier'],
  ])('says the classes that %s names, and what names them', async (name, output, labels, source) => {
    const file = resolve('test/models/python', name, 'model.onnx');
    const classes = (await inspect(file))?.['classes'];
    expect(classes).toContainEqual({ output, labels, source, label: expect.stringMatching(/label$/) });
    const { stdout } = await cli(['model', 'inspect', file]);
    expect(stdout).toContain(`classes       ${output}: ${labels.join(', ')} (2, by ${source})`);
  });

  it('counts parameters and what they take', async () => {
    expect(await inspect(fixture('mlp.onnx'))).toMatchObject({ parameters: 208, parameterBytes: 832 });
  });

  it.each([
    ['mlp_dynamic', ['model.dynamic-quantization']],
    ['depthwise_qdq', ['model.integer-depthwise']],
    ['depthwise_dynamic', ['model.dynamic-conv', 'model.integer-depthwise', 'model.dynamic-quantization']],
    ['endless', ['model.loop']],
    ['external', ['model.external-data']],
    ['opset_99', ['model.opset-new']],
    ['identity_float16', ['model.float16']],
    ['identity_bfloat16', ['model.unsupported-type']],
    ['mlp_fixed_batch', ['model.batch-fixed']],
    ['custom_domain', ['model.custom-operators']],
    ['sequence_output', ['model.not-a-tensor']],
    ['zipmap_strings', ['model.zip-map']],
  ])('warns of what is in %s', async (name, codes) => {
    const found = await inspect(fixture(`${name}.onnx`));
    const warnings = found?.['warnings'] as { code: string; message: string }[];
    expect(warnings.map(({ code }) => code)).toEqual(codes);
    expect(warnings[0]?.message).toMatch(/\w+ \w+/);
  });

  it('says where the ZipMap of an .ort file becomes a tensor', async () => {
    const found = await inspect(resolve('test/onnx/fixtures/zipmap_strings.ort'));
    expect(found?.['warnings']).toEqual([
      { code: 'model.not-a-tensor', message: expect.stringMatching(/output_probability is seq.*the \.onnx file/) },
    ]);
  });

  it('is told to people', async () => {
    const { stdout, status } = await cli(['model', 'inspect', fixture('zipmap_strings.onnx')]);
    expect(status).toBe(0);
    expect(stdout).toContain('output_probability');
    expect(stdout).toContain('broken, good, worn');
    expect(stdout).toContain('[model.zip-map]');
  });

  it('refuses what is no model with 2', async () => {
    const { status, stderr } = await cli(['model', 'inspect', fixture('make_models.py')]);
    expect(status).toBe(2);
    expect(stderr).toContain('onnx.not-a-model');
  });
});

describe.each(engines)('model run on %s', (engine) => {
  const run = async (model: string, request: unknown) => {
    const ended = await cli(['model', 'run', fixture(model), '--input', await jsonFile(request), '--engine', engine]);
    return { ...ended, response: ended.status === 0 ? JSON.parse(ended.stdout) : undefined };
  };
  const identity = (datatype: string, data: unknown[]) => ({
    id: '7',
    inputs: [{ name: 'x', datatype, shape: [data.length], data }],
  });

  it.each([
    ['INT64', 'identity_int64', ['9223372036854775807', -3, 9007199254740991]],
    ['FP32', 'identity_float32', [0.5, 'NaN', '-Infinity']],
    ['FP64', 'identity_double', [0.1, 'Infinity']],
    ['FP16', 'identity_float16', [0.5, -65504]],
    ['BOOL', 'identity_bool', [true, false]],
    ['BYTES', 'identity_string', ['', 'ż 大']],
  ])('gives %s back as it came', async (datatype, model, data) => {
    const { response } = await run(`${model}.onnx`, identity(datatype, data));
    expect(response).toEqual({
      model_name: model,
      id: '7',
      outputs: [{ name: 'y', datatype, shape: [data.length], data }],
    });
  });

  it('takes nested data and gives only the outputs that are asked for', async () => {
    const { response } = await run('two_outputs.onnx', {
      inputs: [
        {
          name: 'x',
          datatype: 'FP32',
          shape: [2, 4],
          data: [
            [1, 2, 3, 4],
            [5, 6, 7, 8],
          ],
        },
      ],
      outputs: [{ name: 'sum' }],
    });
    expect(response.outputs).toEqual([{ name: 'sum', datatype: 'FP32', shape: [2], data: [10, 26] }]);
  });

  it('says on stderr which outputs it left out, unless others were asked for', async () => {
    const golden = parseGolden(await readFile(fixture('zipmap_strings.golden.json'), 'utf8'), 'golden');
    const inputs = golden.cases[0]?.inputs;
    const file = '../../onnx/fixtures/zipmap_strings.ort';
    const all = await run(file, { inputs });
    expect(all.response.outputs).toMatchObject([{ name: 'output_label' }]);
    expect(all.stderr).toBe(`${fixture(file)}: left out, being sequences or maps, not tensors: output_probability\n`);
    expect(await run(file, { inputs, outputs: [{ name: 'output_label' }] })).toMatchObject({ stderr: '' });
  });

  it('answers a classifier with its labels and probabilities', async () => {
    const golden = parseGolden(await readFile(fixture('zipmap_strings.golden.json'), 'utf8'), 'golden');
    const { inputs, outputs } = golden.cases[0] ?? { inputs: [], outputs: [] };
    const { response } = await run('zipmap_strings.onnx', { inputs });
    expect(response.outputs[0]).toEqual(outputs[0]);
    expect(response.outputs[1]).toMatchObject({ name: 'output_probability', datatype: 'FP32', shape: [5, 3] });
    for (const [index, probability] of (response.outputs[1].data as number[]).entries()) {
      expect(probability).toBeCloseTo(outputs[1]?.data[index] as number, 5);
    }
  });

  it('takes an input that has a default in the file, or the default', async () => {
    const a = { name: 'a', datatype: 'FP32', shape: [1, 2], data: [1, 2] };
    const b = { name: 'b', datatype: 'FP32', shape: [2], data: [10, 20] };
    expect((await run('optional_input.onnx', { inputs: [a] })).response.outputs[0].data).toEqual([101, 102]);
    expect((await run('optional_input.onnx', { inputs: [a, b] })).response.outputs[0].data).toEqual([11, 22]);
  });

  it('says of an .ort file what the .onnx that it was made from could do', async () => {
    const optional = await run('../../onnx/fixtures/optional_input.ort', {
      inputs: ['a', 'b'].map((name) => ({ name, datatype: 'FP32', shape: [1, 2], data: [1, 2] })),
    });
    expect(optional.stderr).toMatch(/input b has a default.*\n.*Give the \.onnx[\s\S]*code: inference\.input-mismatch/);
    const golden = parseGolden(await readFile(fixture('zipmap_strings.golden.json'), 'utf8'), 'golden');
    const zipped = await run('../../onnx/fixtures/zipmap_strings.ort', {
      inputs: golden.cases[0]?.inputs,
      outputs: [{ name: 'output_probability' }],
    });
    expect(zipped.stderr).toMatch(
      /output_probability is a .* map\n.*give the \.onnx[\s\S]*code: inference\.not-a-tensor/,
    );
  });

  it.each([
    ['no JSON', '{', 2, 'inference.request-invalid'],
    ['no inputs', {}, 2, 'inference.request-invalid'],
    [
      'a wrong length',
      { inputs: [{ name: 'x', datatype: 'FP32', shape: [3], data: [1] }] },
      2,
      'inference.tensor-invalid',
    ],
    ['a missing input', { inputs: [] }, 2, 'inference.request-invalid'],
    [
      'an unknown input',
      { inputs: [{ name: 'z', datatype: 'FP32', shape: [1], data: [1] }] },
      2,
      'inference.request-invalid',
    ],
    [
      'an object as data',
      { inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [{}] }] },
      2,
      'inference.request-invalid',
    ],
    [
      'another shape',
      { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }] },
      2,
      'inference.tensor-invalid',
    ],
    [
      'another datatype',
      { inputs: [{ name: 'x', datatype: 'BYTES', shape: [1, 1], data: ['warm'] }] },
      2,
      'inference.tensor-invalid',
    ],
  ])('refuses %s', async (_what, request, status, code) => {
    const ended = await run('mlp.onnx', request);
    expect(ended.stderr).toContain(`code: ${code}`);
    expect(ended.status).toBe(status);
  });
});

describe('weights in files of their own', () => {
  const test = async (folder: string) =>
    linesOf<{ verdict: string; code?: string }>(await cli(['model', 'test', folder, '--json']))[0];
  const copy = async () => {
    const folder = join(await temporaryFolder(), 'm');
    await cp(fixture('weights_beside'), folder, { recursive: true });
    return folder;
  };

  it('are read beside the model', async () => {
    expect(await test(await copy())).toMatchObject({ verdict: 'equal' });
  });

  it('are not followed through a link', async () => {
    const folder = await copy();
    await cp(join(folder, 'model.weights'), join(folder, '..', 'secret'));
    await writeFile(join(folder, 'model.onnx'), await renamed(folder, 'model.weightz'));
    await symlink(join(folder, '..', 'secret'), join(folder, 'model.weightz'));
    expect(await test(folder)).toMatchObject({ verdict: 'refused', code: 'inference.external-data' });
  });

  it('are not looked for in other folders', async () => {
    const folder = await copy();
    await cp(join(folder, 'model.weights'), join(folder, '..', 'el.weights'));
    await writeFile(join(folder, 'model.onnx'), await renamed(folder, '../el.weights'));
    expect(await test(folder)).toMatchObject({ verdict: 'refused', code: 'inference.external-data' });
  });

  it('are refused where they are shorter than the model says', async () => {
    const folder = await copy();
    await writeFile(join(folder, 'model.weights'), new Uint8Array(100));
    expect(await test(folder)).toMatchObject({ verdict: 'refused', code: 'onnx.malformed' });
  });
});

/** The model with another name, equally long, for the file with its weights. */
async function renamed(folder: string, name: string): Promise<Buffer> {
  const model = await readFile(join(folder, 'model.onnx'));
  return Buffer.from(model.toString('latin1').replaceAll('model.weights', name), 'latin1');
}

describe('model bench', () => {
  it('measures each engine that is there, with a bound', async () => {
    const ended = await cli(['model', 'bench', BENCH_MODEL, '--runs', '300', '--json']);
    const lines = linesOf<Record<string, unknown>>(ended).filter((line) => !('code' in line));
    expect(lines.map((line) => line['engine'])).toEqual(engines);
    for (const line of lines) {
      expect(line).toMatchObject({ file: join(BENCH_MODEL, 'model.onnx'), runs: 300, rows: expect.any(Number) });
      expect(line['p99UpperUs']).toBeGreaterThanOrEqual(line['p99Us'] as number);
      expect(line['p99Us']).toBeGreaterThanOrEqual(line['p50Us'] as number);
      expect(line['memoryBytes']).toBeGreaterThan(2 ** 20);
    }
    expect(ended.status).toBe(0);
  });

  it('has no bound for few runs, and says so', async () => {
    const { stdout } = await cli(['model', 'bench', BENCH_MODEL, '--runs', '20', '--engine', 'wasm']);
    expect(stdout).toContain('unknown below 299 runs');
  });

  it('ends with 1 where nothing could be measured', async () => {
    const { status, stdout } = await cli(['model', 'bench', fixture('opset_99.onnx'), '--engine', 'wasm']);
    expect(stdout).toContain('[inference.operator-unavailable]');
    expect(status).toBe(1);
  });

  it('wants a number of runs', async () => {
    expect((await cli(['model', 'bench', BENCH_MODEL, '--runs', 'many'])).status).toBe(2);
  });
});

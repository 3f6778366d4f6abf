import { cp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findInstallation } from '../../src/device/runtime/index.ts';
import { cli, linesOf, temporaryFolder } from '../cli/support/cli.ts';
import { nativeInstalled } from '../inference/support.ts';
import { writeConfig } from '../support/gateway.ts';
import { bundleOf, type Fixture, fixture, pack, refusalOf } from './support/fixtures.ts';

const T0 = 1767225600000;
const CLASSES = ['broken', 'new', 'worn'];
const installed = ['wasm', ...(nativeInstalled ? ['native'] : [])];

/** Golden readings of what Python answered for the first rows. */
function readingsOf({ tags, rows, python }: Fixture, count = 8) {
  const readings = rows.slice(0, count).map((row, n) => ({
    t: T0 + n * 1000,
    values: Object.fromEntries(tags.map((tag, column) => [tag, row[column]])),
  }));
  const predictions = readings.map((_, n) => ({
    output: {
      label: python.label[n],
      probabilities: Object.fromEntries(CLASSES.map((name, column) => [name, python.probabilities?.[n]?.[column]])),
    },
  }));
  return [{ readings, predictions }];
}

const model = fixture('three_classes');
const golden = (more: object = {}) => ({ source: 'scikit-learn', readings: readingsOf(model), ...more });

/** The bundle with golden readings, and its manifest changed. */
async function bundle(changes: object = {}, cases: object = golden()): Promise<string> {
  return bundleOf('three_classes', undefined, {
    'manifest.json': { ...model.manifest, ...changes },
    'golden.json': cases,
  });
}

const input = (tags: readonly string[], features: readonly string[] = ['mean']) => ({
  input: { tensor: 'X', statistics: [{ tags, features }] },
});

describe('golden readings', () => {
  it('are answered on every engine that is here, with the largest error', async () => {
    const { engines } = await pack(await bundle());
    expect(engines.filter((tried) => 'version' in tried)).toEqual(
      installed.map((engine) => ({ engine, version: expect.stringMatching(/^\d/), maxError: expect.any(Number) })),
    );
    for (const tried of engines) if ('maxError' in tried) expect(tried.maxError).toBeLessThan(1e-4);
  });

  it.each([
    ['two tags in each other’s place', input(['play', 'vibration', 'load']), /output.\S+ is .* instead of/],
    ['another feature', input(model.tags, ['std']), /output.* instead of|no such prediction/],
    ['a window of two readings', { window: { count: 2, every: 1 } }, /predictions.\d+ .*: (output|no such)/],
    ['a time window', { window: { length: '2s', every: '2s' } }, /predictions.\d+ .*: (output|no such)/],
  ])('refuse a bundle with %s, with the place and the tolerance', async (_, changes, reason) => {
    const error = await refusalOf(pack(await bundle(changes)));
    expect(error.code).toBe('pipeline.golden-readings-differ');
    expect(error.message).toMatch(reason);
    expect(error.message).toMatch(/golden\.json, readings\.0\.predictions\.\d+ on wasm/);
  });

  it('are held to the tolerance of the file', async () => {
    const [test] = readingsOf(model, 1);
    const off = (by: number) => {
      const output = { probabilities: { new: (model.python.probabilities?.[0]?.[1] ?? 0) + by } };
      return { ...test, predictions: [{ output }] };
    };
    const tolerance = { rtol: 0, atol: 0.05 };
    expect(await pack(await bundle({}, { tolerance, readings: [off(0.04)] }))).toMatchObject({ name: 'three-classes' });
    const error = await refusalOf(pack(await bundle({}, { tolerance, readings: [off(0.06)] })));
    expect(error.message).toMatch(/error 0\.0(6|59)\d*; numbers may be off by atol 0\.05 \+ rtol 0 .*key `tolerance`/);
  });

  it('find a prediction by asset and end of its window, an abstention too, and want none left over where they are counted', async () => {
    const [{ readings = [], predictions = [] } = {}] = readingsOf(model, 3);
    const mixed = readings.map((reading, n) => ({ ...reading, asset: n === 1 ? 'b' : 'a' }));
    const silent = { asset: 'a', t: T0 + 9000, values: { vibration: null, play: 1, load: 1 } };
    const found = [
      { asset: 'a', to: T0 + 9000, output: null, decision: 'abstain' },
      { asset: 'b', output: predictions[1]?.output },
      { asset: 'a', to: T0 + 2000, output: { label: model.python.label[2] } },
    ];
    const cases = (list: object[]) => ({ readings: [{ readings: [...mixed, silent], predictions: list }] });
    expect(await pack(await bundle({}, cases(found)))).toMatchObject({ name: 'three-classes' });
    const counted = [{ asset: 'a', output: { label: model.python.label[0] } }];
    const error = await refusalOf(pack(await bundle({}, cases(counted))));
    expect(error.message).toContain('3 predictions came of a, and 1 are listed');
  });

  it('go through the state of a recurrent model', async () => {
    const folder = await temporaryFolder();
    await cp(resolve('models/examples/recurrent'), folder, { recursive: true });
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    const { cases } = JSON.parse(await readFile(join(folder, 'golden.json'), 'utf8'));
    const tags = Object.keys(manifest.tags);
    const at = (n: number, value: number) => ({
      t: T0 + n * 1000,
      values: Object.fromEntries(tags.map((t) => [t, value])),
    });
    const readings = [at(0, 10), at(1, 10), at(2, 10), at(3, 90)];
    const write = (decisions: string[]) =>
      Promise.all([
        writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, files: undefined })),
        writeFile(
          join(folder, 'golden.json'),
          JSON.stringify({ cases, readings: [{ readings, predictions: decisions.map((decision) => ({ decision })) }] }),
        ),
      ]);
    await write(['anomaly', 'anomaly', 'normal', 'anomaly']);
    expect(await pack(folder)).toMatchObject({ name: 'example-recurrent' });
    await write(['anomaly', 'anomaly', 'anomaly', 'anomaly']);
    expect((await refusalOf(pack(folder))).message).toContain('decision is normal instead of anomaly');
  });

  it('are tried by check, run and replay alike', async () => {
    const folder = await temporaryFolder();
    const swapped = await bundle(input(['play', 'vibration', 'load']));
    await writeFile(join(folder, 'rows.jsonl'), '');
    const config = await writeConfig(folder, {
      ...{ site: 's', device: 'd', sources: { line: { type: 'file', path: 'rows.jsonl' } } },
      outbox: { path: join(folder, 'outbox') },
      pipelines: { wear: { source: 'line', model: swapped, tags: { play: 'p' } } },
    });
    for (const command of [['check'], ['run'], ['replay', '--input', join(folder, 'rows.jsonl')]]) {
      const { status, stdout, stderr } = await cli([command[0] ?? '', config, ...command.slice(1)]);
      expect({ command, status, said: `${stdout}${stderr}` }).toEqual({
        command,
        status: 1,
        said: expect.stringMatching(/golden-readings-differ/),
      });
    }
  });
});

describe('model pack', () => {
  const tensors = async (off: number, more: object = {}) => {
    const { outputs, rows } = fixture('mlp');
    const row = (outputs['probabilities']?.[1] ?? []) as number[];
    const cases = [0, 1].map((n) => ({
      inputs: [{ name: 'X', datatype: 'FP32', shape: [1, 3], data: rows[1] }],
      outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [1, 2], data: row.map((p) => p + n * off) }],
    }));
    return bundleOf('mlp', undefined, { 'golden.json': { cases, ...more } });
  };

  it('says of a case that differs which, on what engine, by how much, and which tolerance decided', async () => {
    const error = await refusalOf(pack(await tensors(0.03125)));
    expect(error.code).toBe('inference.golden-mismatch');
    expect(error.message).toMatch(
      /on wasm \d\S+, case 1, output probabilities: element 0 is .*, largest error 0\.0312\d*; allowed are atol 0\.0001 \+ rtol 0\.001 .*`tolerance` in golden\.json/,
    );
    const loose = await tensors(0.03125, { tolerance: { rtol: 0, atol: 0.04 } });
    const { engines } = await pack(loose);
    expect(engines[0]).toMatchObject({ engine: 'wasm', maxError: expect.closeTo(0.03125, 4) });
  });

  it('names the engine that it could not try', async () => {
    const { inference, ...rest } = findInstallation();
    const processUrl = pathToFileURL('/nowhere/process.js');
    const { engines } = await pack(await bundleOf('mlp'), { ...rest, inference: { ...inference, processUrl } });
    expect(engines).toEqual([
      { engine: 'wasm', version: expect.any(String), maxError: null },
      { engine: 'native', code: 'inference.engine-unavailable', reason: expect.any(String) },
    ]);
  });

  it('says in its output and in --json on what it was tried, and what has to be known', async () => {
    const folder = await bundleOf('svc_probability');
    const [json] = linesOf<{ engines: { engine: string }[]; notes: string[] }>(
      await cli(['model', 'pack', folder, '--json']),
    );
    expect(json?.engines.map(({ engine }) => engine)).toEqual(['wasm', 'native']);
    expect(json?.notes).toEqual([]);
    const { stdout, status } = await cli(['model', 'pack', folder]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\n {2}on wasm \d\S+: it has no golden cases\n {2}(on native \d|not tried on native)/);
  }, 90_000);
});

describe('model test --strict', () => {
  it('exits with 1 where a model is refused, which is no failure without it', async () => {
    const refused = resolve('test/inference/fixtures/opset_99.onnx');
    expect((await cli(['model', 'test', refused])).status).toBe(0);
    expect((await cli(['model', 'test', refused, '--strict'])).status).toBe(1);
    expect((await cli(['model', 'test', resolve('test/inference/fixtures/mlp.onnx'), '--strict'])).status).toBe(0);
  });
});

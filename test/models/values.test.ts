import { spawnSync } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, linesOf, temporaryFolder } from '../cli/support/cli.ts';
import { engines } from '../inference/support.ts';

const PYTHON = process.env['EDGEWRIGHT_PYTHON'] ?? 'python3';
const PACKAGES = 'sklearn, skl2onnx, onnxmltools, lightgbm, xgboost, onnxruntime';
const hasPackages = spawnSync(PYTHON, ['-c', `import ${PACKAGES}`]).status === 0;

/** Made by make_values.py, each with what its own library answers. */
const MODELS = resolve('test/models/python/values');

interface Prediction {
  readonly asset: string;
  readonly t: number;
  readonly output: unknown;
  readonly missing?: readonly string[];
  readonly quality: { readonly code: string };
}

interface Manifest {
  readonly outputs: Readonly<Record<string, object>>;
  readonly tags: Readonly<Record<string, object>>;
}

type Row = Readonly<Record<string, number | string | null>>;

const json = async <T>(...path: string[]) => JSON.parse(await readFile(resolve(MODELS, ...path), 'utf8')) as T;

async function names(models = MODELS): Promise<string[]> {
  const entries = await readdir(models, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** One replay of every model's rows, each model a machine of its own. */
async function replay(engine: string, models: string): Promise<Prediction[]> {
  const folder = await temporaryFolder();
  const all = await names(models);
  const lines: string[] = [];
  for (const asset of all) {
    for (const [t, values] of (await json<Row[]>(models, asset, 'rows.json')).entries())
      lines.push(JSON.stringify({ asset, t: t * 1000, values }));
  }
  const recorded = join(folder, 'rows.jsonl');
  await writeFile(recorded, `${lines.join('\n')}\n`);
  const pipelines = all.map((name) => [name, { source: 'rows', assets: name, model: join(models, name) }]);
  const config = {
    site: 'lab',
    device: 'gateway',
    sources: { rows: { type: 'file', path: recorded } },
    pipelines: Object.fromEntries(pipelines),
    uplink: { url: 'mqtt://127.0.0.1:1883' },
    outbox: { path: join(folder, 'outbox') },
  };
  const file = join(folder, 'gateway.yaml');
  await writeFile(file, JSON.stringify(config));
  const env = { EDGEWRIGHT__INFERENCE__ENGINE: engine };
  const ended = await cli(['replay', file, '--input', recorded], { env });
  expect(ended).toMatchObject({ status: 0, stderr: expect.not.stringContaining('error') });
  return linesOf<Prediction>(ended);
}

/** Every number of an answer within float32 of the one that the library gave. */
function close(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 3);
  if (Array.isArray(value)) return value.map(close);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, close(part)]));
}

/** Replays the rows of each model of a folder, and compares with what its own library answers. */
async function expectAnswers(engine: string, models: string): Promise<void> {
  const predictions = await replay(engine, models);
  for (const asset of await names(models)) {
    const own = predictions.filter((line) => line.asset === asset).sort((a, b) => a.t - b.t);
    const answers = await json<unknown[]>(models, asset, 'answers.json');
    expect(own, asset).toHaveLength(answers.length);
    const rows = await json<Row[]>(models, asset, 'rows.json');
    for (const [index, { output, missing = [], quality }] of own.entries()) {
      const row = rows[index] ?? {};
      const lacking = Object.keys(row).filter((tag) => row[tag] === null);
      expect(output, `${asset}, row ${index}`).toEqual(close(answers[index]));
      expect(missing, `${asset}, row ${index}`).toEqual(lacking);
      expect(quality.code).toBe(lacking.length > 0 ? 'UncertainDataSubNormal' : 'Good');
    }
  }
}

describe.each(engines)('models that data scientists made, replayed on %s', (engine) => {
  it('answer each row as the library that trained them, and name what was missing', { timeout: 180_000 }, () =>
    expectAnswers(engine, MODELS),
  );

  it.skipIf(!hasPackages)(
    `do so as Python makes them now (skipped without ${PACKAGES})`,
    { timeout: 300_000 },
    async () => {
      const folder = await temporaryFolder();
      await cp(join(MODELS, 'make_values.py'), join(folder, 'make_values.py'));
      const made = spawnSync(PYTHON, [join(folder, 'make_values.py')], { encoding: 'utf8' });
      expect(made.status, made.stderr).toBe(0);
      await expectAnswers(engine, folder);
    },
  );
});

describe('what a manifest leaves unsaid is asked for by `model pack`, with what to write', () => {
  /** What packing says of a model whose manifest is another. */
  async function packed(name: string, change: (manifest: Manifest) => void): Promise<string> {
    const folder = join(await temporaryFolder(), name);
    await cp(join(MODELS, name), folder, { recursive: true });
    const manifest = await json<Manifest>(name, 'manifest.json');
    change(manifest);
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    const ended = await cli(['model', 'pack', folder]);
    expect(ended.status, ended.stdout).toBe(2);
    return ended.stderr;
  }

  it('a column of several, with the shape that the model gives', async () => {
    const said = await packed('several_columns', ({ outputs }) =>
      Object.assign(outputs['wear'] ?? {}, { column: undefined }),
    );
    expect(said).toContain(
      'takes 1 column(s), and its tensor variable has 4: it gives [1,4] for one row, and declares [N,4]',
    );
    expect(said).toContain('outputs.wear.column, from 0 to 3');
  });

  it('the scale of a quantized answer', async () => {
    const said = await packed('int8_dense', ({ outputs }) =>
      Object.assign(outputs['left'] ?? {}, { quantization: undefined }),
    );
    expect(said).toContain('target left reads y, which is INT8: quantized, without its scale');
    expect(said).toContain('outputs.left.quantization: {"scale": ..., "zeroPoint": ...}');
  });

  it('a fill of what an input of text cannot have as NaN', async () => {
    const said = await packed('column_transformer', ({ tags }) =>
      Object.assign(tags['material'] ?? {}, { missing: 'nan' }),
    );
    expect(said).toContain('input material is BYTES, which has no NaN for a missing material');
    expect(said).toContain('tags.material.missing: {"fill": ...}');
  });
});

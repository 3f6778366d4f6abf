import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, linesOf, temporaryFolder } from '../cli/support/cli.ts';
import { engines } from '../inference/support.ts';

const PYTHON = process.env['EDGEWRIGHT_PYTHON'] ?? 'python3';
const PACKAGES = 'sklearn, skl2onnx, onnxmltools, lightgbm, xgboost, onnxruntime';
const hasPackages = spawnSync(PYTHON, ['-c', `import ${PACKAGES}`]).status === 0;
const MODELS = ['random_forest', 'logistic_regression', 'three_classes', 'svc', 'lightgbm', 'xgboost'];

interface Prediction {
  readonly pipeline: string;
  readonly t: number;
  readonly output: { readonly label: string } | null;
}

const read = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));

describe.skipIf(!hasPackages)(`models that Python makes now (skipped without ${PACKAGES})`, () => {
  it.each(engines)('are answered by replay as by their own library, on %s', { timeout: 300_000 }, async (engine) => {
    const folder = await temporaryFolder();
    copyFileSync(resolve('test/models/python/make_fixtures.py'), join(folder, 'make_fixtures.py'));
    const made = spawnSync(PYTHON, [join(folder, 'make_fixtures.py'), ...MODELS], { encoding: 'utf8' });
    expect(made.status, made.stderr).toBe(0);
    const { tags, rows }: { tags: string[]; rows: number[][] } = read(folder, MODELS[0] ?? '', 'rows.json');
    const line = (row: number[], n: number) =>
      JSON.stringify({ asset: 'a', t: n * 1_000, values: Object.fromEntries(tags.map((tag, i) => [tag, row[i]])) });
    const input = join(folder, 'rows.jsonl');
    await writeFile(input, `${rows.map(line).join('\n')}\n`);
    const file = join(folder, 'gateway.yaml');
    const pipelines = MODELS.map((name) => [name, { source: 'rows', model: join(folder, name) }]);
    await writeFile(
      file,
      JSON.stringify({
        ...{ site: 'lab', device: 'gateway', outbox: { path: join(folder, 'outbox') } },
        sources: { rows: { type: 'file', path: input } },
        pipelines: Object.fromEntries(pipelines),
      }),
    );
    const ended = await cli(['replay', file, '--input', input], { env: { EDGEWRIGHT__INFERENCE__ENGINE: engine } });
    expect(ended.status, ended.stderr).toBe(0);
    const predictions = linesOf<Prediction>(ended);
    for (const name of MODELS) {
      const { python }: { python: { label: string[]; classes?: string[] } } = read(folder, name, 'answers.json');
      const { labels } = Object.values(
        read(folder, name, 'manifest.json').outputs as Record<string, { labels: string[] }>,
      )[0] ?? { labels: [] };
      // Whole numbers stand for the labels of the manifest, in their order.
      const meant = (label: string) => (labels.includes(label) ? label : labels[python.classes?.indexOf(label) ?? -1]);
      const said = predictions.filter(({ pipeline }) => pipeline === name).map(({ output }) => output?.label);
      expect(said, name).toEqual(python.label.map(meant));
    }
  });
});

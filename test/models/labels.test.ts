import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PredictionRecord } from '../../src/common/core/index.ts';
import { describeModel } from '../../src/common/onnx/index.ts';
import { cli } from '../cli/support/cli.ts';
import { nativeInstalled } from '../inference/support.ts';
import { replay } from '../integration/support/answers.ts';
import { writeConfig } from '../support/gateway.ts';
import { bundleOf, fixture, modelOf, pack, refusalOf } from './support/fixtures.ts';

const names = readdirSync('test/models/python', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(entry.parentPath, entry.name, 'rows.json')))
  .map(({ name }) => name);
const engines = nativeInstalled ? ['wasm', 'native'] : ['wasm'];
const TWO = ['failure', 'ok'];
const THREE = ['broken', 'new', 'worn'];
const columns = (labels: readonly string[], more: object = {}) => ({
  kind: labels.length === 2 ? 'binary' : 'classes',
  tensor: 'probabilities',
  labels,
  ...more,
});

describe('the classes that a file names', () => {
  it.each([
    ['logistic_regression', 'output_probability', TWO],
    ['random_forest', 'probabilities', TWO],
    ['random_forest_numbers', 'probabilities', ['0', '1']],
    ['gradient_boosting', 'probabilities', TWO],
    ['linear_svc', 'probabilities', TWO],
    ['ridge', 'label', TWO],
    ['sgd', 'label', TWO],
    ['svc', 'probabilities', TWO],
    ['svc_three', 'label', THREE],
    ['knn', 'probabilities', TWO],
    ['mlp', 'probabilities', TWO],
    ['gaussian_nb', 'probabilities', TWO],
    ['calibrated', 'probabilities', TWO],
    ['three_classes', 'probabilities', THREE],
    ['mlp_three', 'probabilities', THREE],
    ['stacking', 'probabilities', THREE],
    ['lightgbm', 'probabilities', TWO],
    ['xgboost', 'probabilities', ['0', '1']],
    ['random_forest_ort', 'probabilities', TWO],
    ['mlp_ort', 'probabilities', TWO],
  ])('are found in %s, of %s', (name, output, labels) => {
    expect(describeModel(modelOf(name)).classes.get(output)?.labels).toEqual(labels);
  });

  it('are none where the file names none', () => {
    expect([...describeModel(modelOf('isolation_forest')).classes]).toEqual([]);
  });
});

describe('labels that contradict the file', () => {
  it.each([
    ['random_forest', columns(['ok', 'failure'])],
    ['logistic_regression', { ...columns(['ok', 'failure']), tensor: 'output_probability' }],
    ['knn', columns(['ok', 'failure'])],
    ['mlp', columns(['ok', 'failure'])],
    ['gaussian_nb', columns(['ok', 'failure'])],
    ['calibrated', columns(['ok', 'failure'])],
    ['lightgbm', columns(['ok', 'failure'])],
    ['random_forest_ort', columns(['ok', 'failure'])],
    ['mlp_ort', columns(['ok', 'failure'])],
    ['random_forest', columns(['normal', 'anomaly'])],
    ['random_forest', { ...columns(['failure', 'ok', 'worn']), kind: 'classes' }],
    ['three_classes', columns(['new', 'worn', 'broken'])],
    ['stacking', columns(['new', 'worn', 'broken'])],
    ['mlp_three', columns(['broken', 'new', 'Worn'])],
    ['three_classes', columns(['broken', 'new', 'worn', 'other'])],
    ['three_classes', columns(['broken', 'new'])],
    ['random_forest_numbers', columns(['1', '0'])],
    ['random_forest_numbers', columns(['true', 'false'])],
    ['xgboost', { ...columns(['ok', 'worn', 'failure']), kind: 'classes' }],
    ['svc_three', { kind: 'label', tensor: 'label', labels: ['new', 'worn', 'brocken'] }],
  ])('are refused for %s with both lists and what to write: %j', async (name, target) => {
    const { classes } = describeModel(modelOf(name));
    const known = classes.get(target.tensor)?.labels.join(', ') ?? 'none';
    const error = await refusalOf(pack(await bundleOf(name, target)));
    expect(error).toMatchObject({ code: 'pipeline.labels-contradicted', path: 'outputs.state.labels' });
    expect(error.message).toContain(`[${target.labels.join(', ')}]`);
    expect(error.message).toContain(`[${known}]`);
    expect(error.hint).toMatch(/^Write /);
  });

  it.each([
    [{ labels: ['failure', 'ok'], column: 0 }, '"labels": ["ok","failure"]'],
    [{ labels: ['ok', 'failure'], column: 1 }, '"labels": ["failure","ok"]'],
    [{ labels: ['good', 'failure'], column: 1 }, '"column": 0'],
  ])('are refused where one column of them is read as another: %j', async (target, write) => {
    const error = await refusalOf(pack(await bundleOf('random_forest', { ...columns([]), kind: 'binary', ...target })));
    expect(error).toMatchObject({ code: 'pipeline.labels-contradicted', path: 'outputs.state.column' });
    expect(error.hint).toBe(`Write ${write}.`);
  });

  it.each([
    ['random_forest', columns(['ok', 'failure'], { column: 0 })],
    ['random_forest', columns(['failure', 'ok'], { column: 1 })],
    ['random_forest', columns(TWO, { columns: [0, 1] })],
    ['random_forest', columns(TWO)],
    ['random_forest', columns(['ok', 'failure'], { positive: 'failure' })],
    ['random_forest_numbers', columns(['ok', 'failure'])],
    ['random_forest_numbers', columns(['0', '1'])],
    ['random_forest_numbers', columns(['1', '2'])],
    ['xgboost', columns(['False', 'True'])],
    ['svc_three', { kind: 'label', tensor: 'label', labels: ['new', 'worn', 'broken'] }],
  ])('are not those of %s: %j', async (name, target) => {
    expect(await pack(await bundleOf(name, target))).toMatchObject({ digest: expect.any(String) });
  });

  it('are refused by check, run and replay alike', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgewright-labels-'));
    const model = await bundleOf('mlp', columns(['ok', 'failure']));
    const sources = { line: { type: 'file', path: 'rows.jsonl' } };
    writeFileSync(join(folder, 'rows.jsonl'), '');
    const config = await writeConfig(folder, {
      ...{ site: 's', device: 'd', sources, outbox: { path: join(folder, 'outbox') } },
      pipelines: { wear: { source: 'line', model } },
    });
    for (const command of [['check'], ['run'], ['replay', '--input', join(folder, 'rows.jsonl')]]) {
      const { status, stdout, stderr } = await cli([command[0] ?? '', config, ...command.slice(1)]);
      expect({ command, status, said: `${stdout}${stderr}` }).toEqual({
        command,
        status: 2,
        said: expect.stringMatching(/labels-contradicted/),
      });
    }
    rmSync(folder, { recursive: true });
  });
});

describe.each(engines)('what Python answers is answered by replay on %s', (engine) => {
  let folder: string;
  let records: readonly PredictionRecord[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'edgewright-python-'));
    const { tags, rows } = fixture('mlp');
    const input = join(folder, 'rows.jsonl');
    const line = (row: readonly number[], n: number) =>
      JSON.stringify({
        asset: 'a',
        t: 1767225600000 + n * 1000,
        values: Object.fromEntries(tags.map((tag, i) => [tag, row[i]])),
      });
    writeFileSync(input, rows.map(line).join('\n'));
    const config = await writeConfig(folder, {
      ...{ site: 's', device: 'd', sources: { line: { type: 'file', path: input } } },
      inference: { engine },
      pipelines: Object.fromEntries(names.map((name) => [name, { source: 'line', model: fixture(name).folder }])),
    });
    ({ records } = await replay(config, input));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  const answersOf = (name: string) => records.filter(({ pipeline }) => pipeline === name).map(({ output }) => output);

  it.each(names.filter((name) => kindOf(name) === 'score'))('the scores of %s', (name) => {
    const { outputs } = fixture(name);
    const scores = numbers(outputs['scores']).map(([score]) => ({ score: expect.closeTo(score ?? Number.NaN, 5) }));
    expect(answersOf(name)).toEqual(scores);
  });

  // Its labels and its probabilities are two models, which differ near the middle.
  it.each(names.filter((name) => kindOf(name) !== 'score' && name !== 'svc_probability'))(
    'the labels of %s',
    (name) => {
      const { python } = fixture(name);
      const { labels } = targetOf(name);
      // Numbers stand for the labels of the manifest in their order.
      const names = new Map(
        python.classes?.map((each, column) => [each, labels.includes(each) ? each : labels[column]]),
      );
      const said = python.label.map((each) => names.get(each) ?? each);
      const middle = (python.probabilities ?? []).map((row) => Math.abs((row[0] ?? 0) - (row[1] ?? 0)) < 1e-4);
      const mine = answersOf(name).map((answer, row) => (middle[row] ? said[row] : (answer as Labelled | null)?.label));
      expect(mine).toEqual(said);
    },
  );

  it.each(names.filter((name) => ['binary', 'classes'].includes(kindOf(name))))('the probabilities of %s', (name) => {
    const { outputs, python } = fixture(name);
    const { tensor, labels } = targetOf(name);
    const by = (row: readonly number[], digits: number) =>
      Object.fromEntries(
        labels.map((each, column) => [
          each,
          expect.closeTo(column < row.length ? (row[column] ?? 0) : Number.NaN, digits),
        ]),
      );
    const given = answersOf(name).map((answer) => (answer as Labelled | null)?.probabilities);
    // A single column is the second label's.
    const whole = numbers(outputs[tensor]).map((row) => (row.length === 1 ? [1 - (row[0] ?? 0), row[0] ?? 0] : row));
    expect(given).toEqual(whole.map((row) => by(row, 5)));
    expect(given).toEqual((python.probabilities ?? []).map((row) => by(row, 2)));
  });
});

interface Labelled {
  readonly label: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

const numbers = (output: unknown) => output as readonly (readonly number[])[];
const targetOf = (name: string) =>
  fixture(name).manifest.outputs['state'] as unknown as { kind: string; tensor: string; labels: string[] };
const kindOf = (name: string) => targetOf(name).kind;

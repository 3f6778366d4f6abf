import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replay } from '../integration/support/answers.ts';
import { edgewright } from '../support/gateway.ts';
import { PYTHON, pythonTakes } from './support/python.ts';

const EXAMPLE = 'examples/scikit-learn';
/** expected.csv has six decimals, and the model sums float32. */
const DECIMALS = 5;

const hasScikitLearn = pythonTakes('import sklearn, skl2onnx');

const isPrediction = (line: string) => line.startsWith('{"type":"prediction"');

/** What scikit-learn answered: the probability of each label, row by row. */
async function expectedIn(folder: string): Promise<Record<string, number>[]> {
  return parse(await readFile(join(folder, 'expected.csv')), { columns: true, cast: true });
}

/** Throws at the first row to which replay gives another answer than scikit-learn. */
function expectSame(lines: readonly string[], expected: readonly Record<string, number>[]): void {
  expect(lines.length).toBe(expected.length);
  for (const [row, line] of lines.entries()) {
    const { output, decision, quality } = JSON.parse(line);
    const wanted = expected[row] ?? {};
    const [likeliest] = Object.entries(wanted).sort(([, a], [, b]) => b - a)[0] ?? [];
    expect({ row, label: output.label, decision }).toEqual({ row, label: likeliest, decision: 'answer' });
    expect(quality.code).toMatch(/^(Good|UncertainEngineeringUnitsExceeded)$/);
    expect(Object.keys(output.probabilities)).toEqual(Object.keys(wanted));
    for (const [label, p] of Object.entries(wanted)) expect(output.probabilities[label]).toBeCloseTo(p, DECIMALS);
  }
}

describe('the stored bundle', () => {
  it('passes check', async () => {
    const { status, stdout } = await edgewright(['check', `${EXAMPLE}/gateway.yaml`, '--json']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  }, 60_000);

  it('answers as scikit-learn does, its labels in the order of scikit-learn’s classes, and raises one alarm', async () => {
    const { stdout } = await replay(`${EXAMPLE}/gateway.yaml`, `${EXAMPLE}/recorded.csv`, {}, ['--alarms']);
    const lines = stdout.trimEnd().split('\n');
    const expected = await expectedIn(EXAMPLE);
    expect(expected.length).toBeGreaterThan(100);
    expect(Object.keys(expected[0] ?? {})).toEqual(['blocked', 'running', 'worn']);
    expectSame(lines.filter(isPrediction), expected);
    const others = lines.filter((line) => !isPrediction(line)).map((line) => JSON.parse(line));
    expect(others.map(({ type, alarm, state }) => [type, alarm, state])).toEqual([
      ['alarm', 'worn', 'raised'],
      ['alarm', 'worn', 'cleared'],
    ]);
  }, 60_000);
});

describe.skipIf(!hasScikitLearn)('train.py (skipped without Python with scikit-learn and skl2onnx)', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgewright-'));
    for (const file of ['train.py', 'gateway.yaml']) copyFileSync(join(EXAMPLE, file), join(folder, file));
    const programs = { python: `"${PYTHON}"`, edgewright: `"${process.execPath}" "${resolve('dist/main.js')}"` };
    for (const [name, command] of Object.entries(programs)) {
      await writeFile(join(folder, name), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    }
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('and the commands behind it work as examples/README.md has them, and make what is stored', async () => {
    const [commands = ''] = /python train\.py && .*/.exec(await readFile('examples/README.md', 'utf8')) ?? [];
    const PATH = `${folder}${delimiter}${process.env['PATH']}`;
    const child = spawn('sh', ['-c', commands], { cwd: folder, env: { ...process.env, PATH } });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    const [status] = await once(child, 'close');
    expect({ status, stderr: status === 0 ? '' : output.stderr }).toEqual({ status: 0, stderr: '' });
    expectSame(output.stdout.split('\n').filter(isPrediction), await expectedIn(folder));

    // What is stored is what the script makes now.
    const manifestIn = async (at: string) => {
      const { files, ...rest } = JSON.parse(await readFile(join(at, 'bundle', 'manifest.json'), 'utf8'));
      return rest;
    };
    expect(await manifestIn(folder)).toEqual(await manifestIn(EXAMPLE));
    expect(await readFile(join(folder, 'recorded.csv'), 'utf8')).toBe(
      await readFile(join(EXAMPLE, 'recorded.csv'), 'utf8'),
    );
  }, 120_000);
});

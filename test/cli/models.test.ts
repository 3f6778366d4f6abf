import { cp, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BENCH_MODEL, benchBundle, fixtureBundle, half, without, wrongAnswers } from './support/bundles.ts';
import { check, cli, configFile, linesOf, temporaryFolder } from './support/cli.ts';

interface Line {
  readonly file: string;
  readonly verdict: string;
  readonly code?: string;
  readonly hint?: string;
  readonly maxError?: number | string;
}

/** Bundles with something wrong, what it is called, and the exit status that it gives. */
const BAD: readonly (readonly [what: string, make: () => Promise<string>, code: string, status: number])[] = [
  ['another input shape', () => fixtureBundle('mlp', 5), 'inference.input-mismatch', 2],
  ['an output that is not there', () => fixtureBundle('two_outputs', 4), 'inference.output-mismatch', 2],
  ['wrong golden values', () => benchBundle({ 'golden.json': wrongAnswers }), 'inference.golden-mismatch', 1],
  ['an endless loop', () => fixtureBundle('endless', 4), 'inference.run-deadline', 1],
  ['half a model', () => benchBundle({ 'model.onnx': half }), 'onnx.truncated', 2],
  [
    'half a model that the manifest lists',
    () => benchBundle({ 'model.onnx': half }, { listed: true }),
    'registry.bundle-tampered',
    1,
  ],
  ['half a manifest', () => benchBundle({ 'manifest.json': half }), 'registry.bundle-invalid', 2],
  [
    'a manifest without its window',
    () => benchBundle({ 'manifest.json': without('window') }),
    'pipeline.manifest-invalid',
    2,
  ],
  [
    'golden cases that are none',
    () => benchBundle({ 'golden.json': () => '{"cases":[]}' }),
    'inference.golden-invalid',
    2,
  ],
  ['no model', () => fixtureBundle(undefined, 4), 'registry.bundle-missing', 2],
  ['no folder', async () => join(await temporaryFolder(), 'nowhere'), 'registry.bundle-missing', 2],
];

const configOf = (model: string) =>
  configFile({
    pipelines: { p: { source: 'rig', model } },
    inference: { deadline: { run: '1s' }, restarts: { max: 0 } },
  });

describe.each(BAD)('a bundle with %s', (_what, make, code, status) => {
  it(`is named by check with ${code} and ${status}`, async () => {
    const result = await check(await configOf(await make()));
    expect(result.problems).toEqual([expect.objectContaining({ severity: 'error', path: 'pipelines.p.model', code })]);
    expect(result.problems[0]?.hint).not.toBe('');
    expect(result.status).toBe(status);
  });

  it(`keeps run from starting with ${code} and ${status}`, async () => {
    const result = await cli(['run', await configOf(await make())]);
    expect(result.stderr).toContain(`code: ${code}`);
    expect(result.stderr).toContain('what to do: ');
    expect({ status: result.status, stdout: result.stdout }).toEqual({ status, stdout: '' });
  });
});

it('a model of another width is told with pipeline, target and tensor, each once', async () => {
  const config = await configOf(await fixtureBundle('mlp', 8, ['a', 'b', 'c']));
  const reason =
    'target state of kind classes takes 3 column(s), and its tensor y has 4: it gives [1,4] for one row, and declares [N,4]';
  const checked = await check(config);
  expect(checked.problems).toMatchObject([{ path: 'pipelines.p.outputs.state', message: reason }]);
  const started = await cli(['run', config]);
  expect(started.stderr).toContain(`error: p: ${reason}\n`);
  expect([checked.status, started.status]).toEqual([2, 2]);
});

it('a bundle without a model is told which files could be one', async () => {
  const { problems } = await check(await configOf(await fixtureBundle(undefined, 4)));
  expect(problems[0]?.message).toMatch(/: has neither model\.onnx nor model\.ort$/);
});

describe('model test', () => {
  const test = async (...paths: string[]) => {
    const ended = await cli(['model', 'test', ...paths, '--json']);
    return { ...ended, lines: linesOf<Line>(ended) };
  };

  it('says equal, with the largest error, where the golden cases are answered', async () => {
    const { status, lines, stderr } = await test(BENCH_MODEL);
    expect(lines).toEqual([{ file: join(BENCH_MODEL, 'model.onnx'), verdict: 'equal', maxError: expect.any(Number) }]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('says differs, and ends with 1, where one is not; and goes on', async () => {
    const wrong = await benchBundle({ 'golden.json': wrongAnswers });
    const { status, lines } = await test(wrong, BENCH_MODEL);
    expect(lines.map(({ verdict }) => verdict)).toEqual(['differs', 'equal']);
    expect(lines[0]).toMatchObject({ code: 'inference.golden-mismatch', hint: expect.stringMatching(/\.$/) });
    expect(Number(lines[0]?.maxError)).toBeCloseTo(1, 1);
    expect(status).toBe(1);
  });

  it('says ran without golden cases, and refused with a reason: a line, not a status', async () => {
    const folder = await temporaryFolder();
    for (const name of ['mlp', 'opset_99', 'external']) {
      await cp(resolve(`test/inference/fixtures/${name}.onnx`), join(folder, `${name}.onnx`));
    }
    await cp(join(folder, 'mlp.onnx'), join(folder, 'sub/half.onnx'), { recursive: true });
    const { status, lines } = await test(folder);
    expect(lines.map(({ file, verdict }) => `${file.slice(folder.length + 1)} ${verdict}`)).toEqual([
      'external.onnx refused',
      'mlp.onnx ran',
      'opset_99.onnx refused',
      'sub/half.onnx ran',
    ]);
    for (const { verdict, code, hint } of lines) {
      if (verdict === 'refused')
        expect([code, hint]).toEqual([expect.stringMatching(/^inference\./), expect.any(String)]);
    }
    expect(status).toBe(0);
  });

  it('ends a hostile model, as a line', async () => {
    const { status, lines } = await test(resolve('test/inference/fixtures/endless.onnx'));
    expect(lines).toMatchObject([{ verdict: 'refused', code: 'inference.run-deadline' }]);
    expect(status).toBe(0);
  });

  it('with an engine that is not there ends with 1, without another', async () => {
    const elsewhere = await temporaryFolder();
    for (const part of ['package.json', 'dist']) await cp(part, join(elsewhere, part), { recursive: true });
    const main = join(elsewhere, 'dist/main.js');
    const { status, stdout, stderr } = await cli(['model', 'test', BENCH_MODEL, '--engine', 'native'], { main });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('inference.engine-unavailable');
    expect(stderr).toContain('npm install --no-save --ignore-scripts onnxruntime-node');
  });

  it('is told to people with a sum', async () => {
    const { stdout } = await cli(['model', 'test', BENCH_MODEL]);
    expect(stdout).toMatch(/^equal {4}.*model\.onnx largest error .*\n1 equal\n$/);
  });
});

describe('model pack', () => {
  it('checks a bundle, lists its files in the manifest and prints the digest', async () => {
    const folder = await benchBundle();
    const ended = await cli(['model', 'pack', folder, '--json']);
    expect(ended.status).toBe(0);
    const [packed] = linesOf<{ digest: string; name: string; files: object }>(ended);
    expect(packed).toMatchObject({
      folder,
      name: 'bench',
      version: '1.0.0',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { files } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    expect(Object.keys(files).sort()).toEqual(['golden.json', 'model.onnx', 'profile.json']);
    const again = await cli(['model', 'pack', folder]);
    const [first, ...engines] = again.stdout.trimEnd().split('\n');
    expect(first).toBe(`bench 1.0.0: 4 files, digest ${packed?.digest}`);
    expect(engines).toEqual([
      expect.stringMatching(/^ {2}on wasm \d\S+: golden cases answered, largest error \d/),
      expect.stringMatching(/^ {2}(on native \d\S+: golden cases answered|not tried on native: )/),
    ]);
    expect(await check(await configOf(folder))).toMatchObject({ status: 0, problems: [] });
  });

  it.each<[what: string, make: () => Promise<string>, code: string, status: number]>([
    ['with wrong golden values', () => benchBundle({ 'golden.json': wrongAnswers }), 'inference.golden-mismatch', 1],
    ['with half a model', () => benchBundle({ 'model.onnx': half }), 'onnx.truncated', 2],
    ['without a manifest', temporaryFolder, 'registry.bundle-missing', 2],
    ['whose model takes another input', () => fixtureBundle('mlp', 5), 'inference.input-mismatch', 2],
    ['whose model has not the output', () => fixtureBundle('two_outputs', 4), 'inference.output-mismatch', 2],
    ['with fewer labels than columns', () => fixtureBundle('mlp', 8, ['a', 'b']), 'decision.output-mismatch', 2],
    ['with an operator that no engine has', () => fixtureBundle('opset_99', 8), 'inference.operator-unavailable', 2],
  ])('refuses a bundle %s and leaves it as it is', async (_what, make, code, status) => {
    const folder = await make();
    const before = await snapshot(folder);
    const ended = await cli(['model', 'pack', folder]);
    expect(ended).toMatchObject({ status, stdout: '' });
    expect(ended.stderr).toContain(`code: ${code}`);
    expect(await snapshot(folder)).toEqual(before);
  });
});

async function snapshot(folder: string): Promise<Record<string, number>> {
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).mtimeMs])),
  );
}

import { cp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { temporaryFolder } from './cli.ts';

export const BENCH_MODEL = resolve('test/bench/model');
const FIXTURES = resolve('test/inference/fixtures');

/** A copy of the benchmark's bundle; `change` rewrites files of it, and `files` goes from its manifest unless it is kept. */
export async function benchBundle(
  change: Readonly<Record<string, (bytes: Buffer) => string | Uint8Array>> = {},
  { listed = false } = {},
): Promise<string> {
  const folder = await temporaryFolder();
  await cp(BENCH_MODEL, folder, { recursive: true });
  if (!listed) await rewrite(folder, 'manifest.json', without('files'));
  for (const [name, edit] of Object.entries(change)) await rewrite(folder, name, edit);
  return folder;
}

/** A bundle around a model of the fixtures, or without one, with inputs `x` [N, features] and outputs `y` [N, 4]. */
export async function fixtureBundle(
  model: string | undefined,
  features: number,
  labels: readonly string[] = ['a', 'b', 'c', 'd'],
): Promise<string> {
  const folder = await temporaryFolder();
  if (model) await cp(join(FIXTURES, `${model}.onnx`), join(folder, 'model.onnx'));
  const tags = Array.from({ length: features }, (_, i) => `t${i}`);
  const manifest = {
    schema: 'edgewright.manifest/1',
    name: (model ?? 'none').replaceAll('_', '-'),
    version: '1.0.0',
    release: 1,
    description: 'A model of the tests.',
    tags: Object.fromEntries(tags.map((tag) => [tag, { unit: '1' }])),
    window: { count: 4, every: 1 },
    input: { tensor: 'x', statistics: [{ tags, features: ['mean'] }] },
    outputs: { state: { kind: 'classes', tensor: 'y', activation: 'softmax', labels } },
  };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

async function rewrite(folder: string, name: string, edit: (bytes: Buffer) => string | Uint8Array): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, edit(await readFile(file)));
}

/** JSON without a key. */
export function without(key: string): (bytes: Buffer) => string {
  return (bytes) =>
    JSON.stringify(JSON.parse(bytes.toString('utf8')), (name, value) => (name === key ? undefined : value));
}

/** golden.json whose expected answers are all one off. */
export function wrongAnswers(bytes: Buffer): string {
  const golden = JSON.parse(bytes.toString('utf8'));
  for (const { outputs } of golden.cases) {
    for (const output of outputs) output.data = output.data.map((value: number) => value + 1);
  }
  return JSON.stringify(golden);
}

export const half = (bytes: Buffer): Uint8Array => bytes.subarray(0, bytes.length / 2);

import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BENCH_MODEL } from './scene.ts';

/** The benchmark's model as a bundle with another manifest; returns its folder. */
export async function bundleWith(parent: string, name: string, changes: object): Promise<string> {
  const folder = join(parent, name);
  await cp(BENCH_MODEL, folder, { recursive: true });
  const file = join(folder, 'manifest.json');
  const { files: _, ...manifest } = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...manifest, name, ...changes }));
  return folder;
}

/** Its answer as a score: about as many anomalies as not. */
export const SCORED = { outputs: { value: { kind: 'score', tensor: 'y', threshold: 0 } } };

/** Windows of 30 s brought to a grid of 1 s. */
export function timed(every = '30s'): object {
  const tags = Array.from({ length: 14 }, (_, index) => `v${index}`);
  return {
    tags: Object.fromEntries(tags.map((tag) => [tag, { unit: '1', period: '1s' }])),
    window: { length: '30s', every },
    maxMissing: 0.5,
    input: { tensor: 'x', layout: 'TC', tags, grid: { period: '1s', method: 'previous' } },
  };
}

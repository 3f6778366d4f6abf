import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Gone, type Still, still } from './answers.ts';
import type { Program } from './program.ts';
import { linkModels, type Scenario } from './scenario.ts';

const run = promisify(execFile);
/** What a gateway makes anew, or must not tell: neither belongs to its state. */
const LEFT_OUT = ['./models', './data/http-token', './data/ballast', './data/*.lock', './data/*.pid'];

export interface Answers {
  readonly still: Still;
  readonly gone?: Gone;
}

/** Does something in a new folder that is gone afterwards. */
export async function within<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'frozen-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Has a program make the folder of a scenario. */
export async function make(program: Program, scenario: Scenario, folder: string): Promise<void> {
  await linkModels(folder);
  await scenario.make(program, folder);
}

/** What a program says of a folder, and what it makes of it; all in a copy. */
export async function ask(program: Program, scenario: Scenario, folder: string): Promise<Answers> {
  return within(async (copy) => {
    for (const name of await readdir(folder)) {
      if (name !== 'models') await cp(join(folder, name), join(copy, name), { recursive: true });
    }
    await linkModels(copy);
    const said = await still(program, copy);
    scenario.check(said);
    // Without what is undefined, as it is read back.
    return JSON.parse(JSON.stringify({ still: said, gone: await scenario.goOn?.(program, copy) }));
  });
}

export async function pack(folder: string, file: string): Promise<void> {
  const excluded = LEFT_OUT.map((name) => `--exclude=${name}`);
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name'];
  await run('tar', [...owner, ...excluded, '-czf', file, '-C', folder, '.']);
}

export async function unpack(file: string, folder: string): Promise<void> {
  await run('tar', ['-xzf', file, '-C', folder]);
}

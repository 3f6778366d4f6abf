import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Problem } from '../../../src/common/settings/index.ts';

const MAIN = resolve('dist/main.js');
/** ms after which a command that hangs is killed; it measures nothing. */
const DEADLINE = 60_000;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** At the end of the test; what was begun last first. */
export function cleanup(work: () => Promise<unknown>): void {
  onTestFinished(async () => void (await work()));
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edgewright-cli-'));
  cleanup(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the built program to its end, with nothing of this environment but what Node needs. */
export async function cli(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; main?: string } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [options.main ?? MAIN, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const [status] = await once(child, 'close');
  return { status, ...output };
}

export function linesOf<T>({ stdout }: Ended): T[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Writes a configuration into a folder of its own; no uplink, a free port, a rig as its source. */
export async function configFile(changes: Readonly<Record<string, unknown>>): Promise<string> {
  const file = join(await temporaryFolder(), 'gateway.yaml');
  const base = { site: 'lab', device: 'gateway-1', http: { port: 0 }, sources: { rig: { type: 'simulator' } } };
  await writeFile(file, JSON.stringify({ ...base, pipelines: {}, ...changes }));
  return file;
}

/** `check --json`: its problems and its exit status. */
export async function check(file: string, options: Parameters<typeof cli>[1] = {}) {
  const ended = await cli(['check', file, '--json'], options);
  return { ...ended, problems: linesOf<Problem>(ended) };
}

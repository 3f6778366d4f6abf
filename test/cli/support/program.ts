import { runProgram } from '../../../src/tools/cli/index.ts';
import { collector } from './collector.ts';

/** Runs a command in this process: its exit status, and what it wrote. */
export async function program(...args: readonly string[]) {
  const [stdout, stderr] = [collector(), collector()];
  const status = await runProgram(args, { stdout, stderr, env: {} });
  return { status, stdout: stdout.text(), stderr: stderr.text(), json: () => JSON.parse(stdout.text()) };
}

/** The code that `--json` wrote to stderr. */
export function codeOf({ stderr }: { readonly stderr: string }): string {
  return JSON.parse(stderr.split('\n').find((line) => line.startsWith('{')) ?? '{}').code;
}

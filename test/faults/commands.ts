import { spawnSync } from 'node:child_process';

/** Runs a command of the system; throws with what it said where it fails. */
export function system(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, [...args], { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** Why something cannot be done that needs root and these commands. */
export function needsRootAnd(...commands: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root';
  const missing = commands.find((command) => spawnSync(command, ['--version']).error !== undefined);
  return missing === undefined ? undefined : `it needs ${missing}`;
}

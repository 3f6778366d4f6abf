import { spawnSync } from 'node:child_process';

/**
 * How to run the reference implementation, model_signing of PyPI: EDGEWRIGHT_MODEL_SIGNING names the program, else a
 * python3 that has the module; undefined where there is neither.
 */
const COMMAND = [[process.env['EDGEWRIGHT_MODEL_SIGNING'] ?? ''], ['python3', '-m', 'model_signing']].find(
  ([program = '', ...args]) => program !== '' && spawnSync(program, [...args, '--version']).status === 0,
);

export const hasModelSigning = COMMAND !== undefined;

/** Runs model_signing with these arguments; throws with what it said where it fails. */
export function modelSigning(...given: readonly string[]): string {
  const [program = '', ...args] = COMMAND ?? [];
  const { status, stdout, stderr } = spawnSync(program, [...args, ...given], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`model_signing ${given[0]}: ${stdout}${stderr}`);
  return stdout;
}

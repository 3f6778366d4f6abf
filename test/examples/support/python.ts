import { spawnSync } from 'node:child_process';

/** Python of the examples: a virtual environment's own is named with EDGEWRIGHT_PYTHON. */
export const PYTHON = process.env['EDGEWRIGHT_PYTHON'] ?? 'python3';

/** Whether Python is there and takes the statement, such as an import. */
export function pythonTakes(statement: string): boolean {
  return spawnSync(PYTHON, ['-c', statement], { stdio: 'ignore' }).status === 0;
}

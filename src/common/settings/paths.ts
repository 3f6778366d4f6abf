import { isAbsolute, resolve } from 'node:path';

/**
 * Makes paths in the data absolute, in place: they are relative to the configuration file.
 *
 * @param patterns dotted keys that hold paths; `*` stands for any key
 * @param folder the file's folder
 */
export function resolvePaths(data: object, patterns: readonly string[], folder: string): void {
  for (const pattern of patterns) visit(data, pattern.split('.'), folder);
}

function visit(at: unknown, [step, ...rest]: readonly string[], folder: string): void {
  if (typeof at !== 'object' || at === null || step === undefined) return;
  const node = at as Record<string, unknown>;
  for (const key of step === '*' ? Object.keys(node) : [step]) {
    const value = node[key];
    if (rest.length > 0) visit(value, rest, folder);
    else if (typeof value === 'string' && !isAbsolute(value)) node[key] = resolve(folder, value);
  }
}

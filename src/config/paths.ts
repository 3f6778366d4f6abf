import { isAbsolute, resolve } from 'node:path';

/** Where the configuration holds paths; `*` stands for any key. Paths are relative to the configuration file. */
const PATHS = [
  'http.tokenFile',
  'outbox.path',
  'pipelines.*.model',
  'sources.*.ca',
  'sources.*.path',
  'state.path',
  'trust.root',
];

type Mutable = Record<string, unknown>;

/** Makes every path in the data absolute, in place. */
export function resolvePaths(data: Mutable, folder: string): void {
  for (const pattern of PATHS) visit(data, pattern.split('.'), folder);
}

function visit(at: unknown, [step, ...rest]: readonly string[], folder: string): void {
  if (typeof at !== 'object' || at === null || step === undefined) return;
  const node = at as Mutable;
  for (const key of step === '*' ? Object.keys(node) : [step]) {
    const value = node[key];
    if (rest.length > 0) visit(value, rest, folder);
    else if (typeof value === 'string' && !isAbsolute(value)) node[key] = resolve(folder, value);
  }
}

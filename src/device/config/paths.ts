import { isAbsolute, resolve } from 'node:path';

/** Where the configuration holds paths; `*` stands for any key. Paths are relative to the configuration file. */
const PATHS = [
  'http.tokenFile',
  'outbox.path',
  'pipelines.*.model',
  'sources.*.path',
  'state.path',
  'trust.root',
  ...['ca', 'cert', 'key'].flatMap((file) => [`uplink.tls.${file}`, `sources.*.tls.${file}`]),
];

/** Makes every path in the data absolute, in place. */
export function resolvePaths(data: object, folder: string): void {
  for (const pattern of PATHS) visit(data, pattern.split('.'), folder);
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

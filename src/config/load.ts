import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { reasonOf } from '../core/index.ts';
import { applyOverrides, type Override, readEnvironment } from './environment.ts';
import { configInvalid, configMissing } from './errors.ts';
import { toProblems } from './issues.ts';
import { resolvePaths } from './paths.ts';
import type { Problem } from './problem.ts';
import { referenceProblems } from './references.ts';
import { type ConfigData, configJsonSchema, configSchema } from './schema.ts';

const MAX_BYTES = 1024 ** 2;

/** The configuration: read once, checked, frozen. Its paths are absolute. */
export interface Config extends Readonly<ConfigData> {
  /** The file it came from, absolute. */
  readonly file: string;
}

export interface Loaded {
  /** Absent where a problem is an error. */
  readonly config?: Config;
  readonly problems: readonly Problem[];
}

/** Reads and checks a configuration with the environment's overrides; throws only where the file cannot be read. */
export async function loadConfig(path: string, env: NodeJS.ProcessEnv): Promise<Loaded> {
  const file = resolve(path);
  const problems: Problem[] = [];
  const data = await readYaml(file, problems);
  const overrides = readEnvironment(env, problems);
  if (data === undefined) return { problems };
  const jsonSchema = configJsonSchema();
  const applied = applyOverrides(data, overrides, jsonSchema);
  const parsed = parseWithText(data, applied);
  if (!parsed.success) return { problems: [...problems, ...toProblems(parsed.error.issues, data, jsonSchema)] };
  // Defaults are relative to the file, too.
  resolvePaths(parsed.data, dirname(file));
  problems.push(...referenceProblems(parsed.data));
  if (problems.some(({ severity }) => severity === 'error')) return { problems };
  return { config: deepFreeze({ ...parsed.data, file }), problems };
}

/** As `loadConfig`, for a command that cannot go on without: throws one error that lists what is wrong. */
export async function requireConfig(path: string, env: NodeJS.ProcessEnv): Promise<Config> {
  const { config, problems } = await loadConfig(path, env);
  if (config) return config;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const first = errors[0];
  const lines = errors.map((problem) => `\n  ${problem.path || '(file)'}: ${problem.message}. ${problem.hint}`);
  throw configInvalid(resolve(path), `${errors.length} problem(s)${lines.join('')}`, first ? { path: first.path } : {});
}

async function readYaml(file: string, problems: Problem[]): Promise<Record<string, unknown> | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw configMissing(file, reasonOf(error), { cause: error });
  });
  if (text.length > MAX_BYTES)
    throw configMissing(file, `has ${text.length} characters, at most ${MAX_BYTES} are read`);
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const fault = (message: string): undefined => {
    problems.push({
      severity: 'error',
      path: '',
      code: 'config.not-yaml',
      message,
      hint: 'Mend the YAML at the place named.',
    });
    return undefined;
  };
  if (document.errors.length > 0) return fault(document.errors[0]?.message.split('\n')[0] ?? 'is not YAML');
  try {
    const data: unknown = document.toJS({ maxAliasCount: 100 });
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as Record<string, unknown>;
    return fault('is not a map of keys and values');
  } catch (error) {
    return fault(reasonOf(error));
  }
}

/** An override that looks like a number but is wanted as text (a numeric password) is taken as text. */
function parseWithText(data: Record<string, unknown>, overrides: readonly Override[]) {
  const parsed = configSchema.safeParse(data);
  if (parsed.success) return parsed;
  let changed = false;
  for (const issue of parsed.error.issues) {
    const wanted = issue.code === 'invalid_type' && issue.expected === 'string';
    const override = wanted && overrides.find(({ path }) => path.join('.') === issue.path.join('.'));
    if (!override) continue;
    const parent = override.path
      .slice(0, -1)
      .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, data);
    parent[override.path.at(-1) ?? ''] = override.text;
    changed = true;
  }
  return changed ? configSchema.safeParse(data) : parsed;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}

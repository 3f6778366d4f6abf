import { dirname, resolve } from 'node:path';
import type { JsonSchema } from '../../common/core/index.ts';
import { applyOverrides, type Override, readEnvironment } from './environment.ts';
import { configInvalid } from './errors.ts';
import { parseWhole } from './parse.ts';
import { resolvePaths } from './paths.ts';
import type { Problem } from './problem.ts';
import { referenceProblems } from './references.ts';
import { type ConfigData, configJsonSchema } from './schema.ts';
import { readYaml } from './yaml-file.ts';

/** The configuration: read once, checked, frozen. Its paths are absolute. */
export interface Config extends Readonly<ConfigData> {
  /** The file it came from, absolute. */
  readonly file: string;
}

export interface Loaded {
  /** Absent where a problem is an error. */
  readonly config?: Config;
  /** What is good of a configuration that has errors: to be looked at further, never to be run. */
  readonly rest?: Config;
  readonly problems: readonly Problem[];
}

/** Reads and checks a configuration with the environment's overrides; throws only where the file cannot be read. */
export async function loadConfig(path: string, env: NodeJS.ProcessEnv): Promise<Loaded> {
  const file = resolve(path);
  const problems: Problem[] = [];
  const data = await readYaml(file, problems);
  const overrides = readEnvironment(env, problems);
  if (data === undefined) return { problems };
  let made: JsonSchema | undefined;
  // Worth some tens of milliseconds, and not needed for a good file alone.
  const schema = () => {
    made ??= configJsonSchema();
    return made;
  };
  const applied = applyOverrides(data, overrides, schema);
  const parsed = parseWhole(data, schema);
  problems.push(...[...parsed.problems, ...referenceProblems(data)].map((problem) => naming(problem, applied)));
  if (!parsed.data) return { problems };
  // Defaults are relative to the file, too.
  resolvePaths(parsed.data, dirname(file));
  const config = deepFreeze({ ...parsed.data, file });
  return problems.some(({ severity }) => severity === 'error') ? { rest: config, problems } : { config, problems };
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

/** Says which variable an error comes from: nobody finds it by looking at the file. */
function naming(problem: Problem, overrides: readonly Override[]): Problem {
  const within = (path: string, whole: string) => path === whole || path.startsWith(`${whole}.`);
  const variables = overrides
    .filter(({ path }) => within(problem.path, path.join('.')) || within(path.join('.'), problem.path))
    .map(({ variable }) => variable);
  if (variables.length === 0 || problem.severity === 'warning') return problem;
  return { ...problem, message: `${problem.message} (set by ${variables.join(', ')})` };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}

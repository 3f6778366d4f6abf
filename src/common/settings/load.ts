import { dirname, isAbsolute, resolve } from 'node:path';
import type * as z from 'zod';
import { type JsonSchema, jsonSchemaOf } from '../core/index.ts';
import { applyOverrides, type Override, readEnvironment } from './environment.ts';
import { configInvalid } from './errors.ts';
import { parseWhole } from './parse.ts';
import type { Problem } from './problem.ts';
import { redactSettings, redactText } from './redaction.ts';
import { readYaml } from './yaml-file.ts';

/** What a program has to say of its configuration file: the schema, and what a schema cannot say. */
export interface SettingsDefinition<Data extends object> {
  readonly schema: z.ZodType<Data>;
  /**
   * Values that stand in for required keys while the rest is checked, so that a missing one does not hide other
   * problems.
   */
  readonly standIns: Readonly<Record<string, unknown>>;
  /** Keys that hold paths, dotted; `*` stands for any key. */
  readonly paths: readonly string[];
  /** Finds names that one part uses and another does not have. The data are as written, and may be wrong otherwise. */
  readonly referenceProblems: (data: Readonly<Record<string, unknown>>) => readonly Problem[];
}

/** A configuration: read once, checked, frozen, its paths absolute. */
export type Settings<Data extends object> = Readonly<Data> & {
  /** The file that it was read from, absolute. */
  readonly file: string;
};

/** What came of reading a configuration file. */
export interface LoadedSettings<Data extends object> {
  /** Absent where a problem is an error. */
  readonly config?: Settings<Data>;
  /** What is good of a configuration that has errors: to be checked further, never to be run. */
  readonly rest?: Settings<Data>;
  /** The secrets in file and environment, also in what is wrong of them: none of these may be shown. */
  readonly secrets: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Reads and checks a configuration file, with the environment's overrides.
 *
 * @throws `config.missing` or `config.too-large` where the file cannot be read; everything else is a problem
 */
export async function loadSettings<Data extends object>(
  path: string,
  env: NodeJS.ProcessEnv,
  definition: SettingsDefinition<Data>,
): Promise<LoadedSettings<Data>> {
  const file = resolve(path);
  const problems: Problem[] = [];
  const { data, text } = await readYaml(file, problems);
  const overrides = readEnvironment(env, problems);
  if (data === undefined) return { secrets: secretsOf(text, overrides), problems };
  let made: JsonSchema | undefined;
  // Making it takes some tens of milliseconds, and a good file without overrides does not need it.
  const jsonSchema = () => {
    made ??= jsonSchemaOf(definition.schema);
    return made;
  };
  const applied = applyOverrides(data, overrides, jsonSchema);
  const { secrets } = redactSettings(data);
  const parsed = parseWhole(data, definition, jsonSchema);
  const found = [...parsed.problems, ...definition.referenceProblems(data)];
  problems.push(...found.map((problem) => withVariables(problem, applied)));
  if (!parsed.data) return { secrets, problems };
  // Defaults are relative to the file, too.
  resolvePaths(parsed.data, definition.paths, dirname(file));
  const config = deepFreeze({ ...parsed.data, file });
  return problems.some(({ severity }) => severity === 'error')
    ? { rest: config, secrets, problems }
    : { config, secrets, problems };
}

/**
 * Reads a configuration file for a command that cannot go on without it.
 *
 * @throws `config.invalid`, which lists every problem, beside what `loadSettings` throws
 */
export async function requireSettings<Data extends object>(
  path: string,
  env: NodeJS.ProcessEnv,
  definition: SettingsDefinition<Data>,
): Promise<Settings<Data>> {
  const { config, problems } = await loadSettings(path, env, definition);
  if (config) return config;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const first = errors[0];
  const lines = errors.map((problem) => `\n  ${problem.path || '(file)'}: ${problem.message}. ${problem.hint}`);
  throw configInvalid(resolve(path), `${errors.length} problem(s)${lines.join('')}`, first ? { path: first.path } : {});
}

/** The secrets where the file itself cannot be read: as near as its text tells, and those of the environment. */
function secretsOf(text: string, overrides: readonly Override[]): string[] {
  const secrets = new Set<string>();
  redactText(text, secrets);
  for (const { path, text: value } of overrides) {
    for (const secret of redactSettings({ [path.at(-1) ?? '']: value }).secrets) secrets.add(secret);
  }
  return [...secrets];
}

/** Names the variable that an error comes from: nobody finds it by looking at the file. */
function withVariables(problem: Problem, overrides: readonly Override[]): Problem {
  const within = (path: string, whole: string) => path === whole || path.startsWith(`${whole}.`);
  const variables = overrides
    .filter(({ path }) => within(problem.path, path.join('.')) || within(path.join('.'), problem.path))
    .map(({ variable }) => variable);
  if (variables.length === 0 || problem.severity === 'warning') return problem;
  return { ...problem, message: `${problem.message} (set by ${variables.join(', ')})` };
}

/**
 * Makes paths in the data absolute, in place: they are relative to the configuration file.
 *
 * @param patterns dotted keys that hold paths; `*` stands for any key
 * @param folder the file's folder
 */
function resolvePaths(data: object, patterns: readonly string[], folder: string): void {
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

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}

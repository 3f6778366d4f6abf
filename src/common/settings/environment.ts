import { readFileSync, statSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { isMap, type JsonSchema, knownKeys, readSecretLine, typesAt } from '../core/index.ts';
import type { Problem } from './problem.ts';

const PREFIX = 'EDGEWRIGHT__';
const FILE_SUFFIX = '_file';
/** A secret is a password, a token or a key; a longer file is the wrong one. */
const MAX_SECRET_BYTES = 64 * 1024;
const UNREADABLE = 'config.secret-unreadable';

type Mutable = Record<string, unknown>;

/** A value that a variable of the environment gives to a key of the configuration. */
export interface Override {
  readonly variable: string;
  /** Keys from the top down: in lower case until the override is applied, then as the schema spells them. */
  readonly path: readonly string[];
  readonly text: string;
}

/**
 * Reads `EDGEWRIGHT__UPLINK__URL=...` as an override of `uplink.url`. A variable whose name ends in `_FILE` names a
 * file that holds the value. Overrides of whole parts come before those of single values within them.
 *
 * @param problems gets a `config.secret-unreadable` for each file that cannot be read, or holds no single line
 */
export function readEnvironment(env: NodeJS.ProcessEnv, problems: Problem[]): Override[] {
  const overrides = Object.entries(env).flatMap(([variable, value]) => {
    if (value === undefined || !variable.toUpperCase().startsWith(PREFIX)) return [];
    const path = variable.slice(PREFIX.length).toLowerCase().split('__');
    const last = path.at(-1) ?? '';
    if (!last.endsWith(FILE_SUFFIX)) return [{ variable, path, text: withoutReturn(value) }];
    const target = [...path.slice(0, -1), last.slice(0, -FILE_SUFFIX.length)];
    const text = readSecret(variable, value, target, problems);
    return text === undefined ? [] : [{ variable, path: target, text }];
  });
  return overrides.sort((a, b) => a.path.length - b.path.length);
}

/** A file of variables with the line ends of Windows leaves a carriage return at the end of each value. */
function withoutReturn(value: string): string {
  return value.endsWith('\r') ? value.slice(0, -1) : value;
}

function readSecret(variable: string, file: string, path: readonly string[], problems: Problem[]): string | undefined {
  const tell = (severity: Problem['severity'], code: string, message: string, hint: string) =>
    // The message leaves out the file's name: who forgets what `_FILE` means has put the secret itself there.
    problems.push({
      severity,
      path: path.join('.'),
      code,
      message: `the file that ${variable} names ${message}`,
      hint,
    });
  let bytes: Buffer;
  try {
    if (statSync(file).size > MAX_SECRET_BYTES) throw Object.assign(new Error(), { code: 'EFBIG' });
    bytes = readFileSync(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const hint = 'Let the variable name a small file that this user may read.';
    tell('error', UNREADABLE, `cannot be read: ${reason}`, hint);
    return undefined;
  }
  const read = readSecretLine(bytes);
  if ('problem' in read) {
    tell('error', UNREADABLE, read.problem, 'Let the file hold the value alone: one line of text in UTF-8.');
    return undefined;
  }
  if (read.trimmed) {
    const hint = 'Take them out of the file; a value that needs them goes into the variable without _FILE.';
    tell('warning', 'config.secret-blanks', 'has blanks around its value, which are left out', hint);
  }
  return read.secret;
}

/**
 * Writes the overrides into the data, each under the key as the schema spells it, and returns them with those paths.
 */
export function applyOverrides(data: Mutable, overrides: readonly Override[], schema: () => JsonSchema): Override[] {
  return overrides.map(({ variable, path, text }) => {
    const known = schema();
    const spelled: string[] = [];
    let at: Mutable = data;
    for (const [index, key] of path.entries()) {
      const name = spell(key, [...Object.keys(at), ...knownKeys(known, data, spelled)]);
      spelled.push(name);
      if (index === path.length - 1) at[name] = typed(text, typesAt(known, data, spelled));
      else at = descend(at, name);
    }
    return { variable, path: spelled, text };
  });
}

function spell(key: string, names: readonly string[]): string {
  return names.find((name) => name.toLowerCase() === key) ?? key;
}

function descend(at: Mutable, name: string): Mutable {
  const next = at[name];
  if (isMap(next)) return next as Mutable;
  const created: Mutable = {};
  at[name] = created;
  return created;
}

/**
 * Turns the text into what the schema wants: it stays as it is where that is text (`12345` as a password), else it is
 * read as YAML.
 */
function typed(text: string, types: ReadonlySet<unknown>): unknown {
  if (types.size === 1 && types.has('string')) return text;
  let value: unknown;
  try {
    value = parseYaml(text, { logLevel: 'error' });
  } catch {
    return text;
  }
  if (typeof value === 'string') return text;
  return types.size === 0 || typesOf(value).some((type) => types.has(type)) ? value : text;
}

function typesOf(value: unknown): string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  return typeof value === 'number' ? ['number', 'integer'] : [typeof value];
}

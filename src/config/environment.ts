import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { reasonOf } from '../core/index.ts';
import { knownKeys } from './known-keys.ts';
import type { Problem } from './problem.ts';

const PREFIX = 'EDGEWRIGHT__';
const FILE_SUFFIX = '_file';

type Mutable = Record<string, unknown>;

export interface Override {
  readonly variable: string;
  readonly path: readonly string[];
  /** As written; a value that the schema wants as text is taken as it is. */
  readonly text: string;
}

/** `EDGEWRIGHT__UPLINK__URL=...` as overrides of `uplink.url`; a name that ends in `_FILE` names a file that holds the value. */
export function readEnvironment(env: NodeJS.ProcessEnv, problems: Problem[]): Override[] {
  return Object.entries(env).flatMap(([variable, value]) => {
    if (value === undefined || !variable.toUpperCase().startsWith(PREFIX)) return [];
    const path = variable.slice(PREFIX.length).toLowerCase().split('__');
    const last = path.at(-1) ?? '';
    if (!last.endsWith(FILE_SUFFIX)) return [{ variable, path, text: value }];
    try {
      const text = readFileSync(value, 'utf8').trimEnd();
      return [{ variable, path: [...path.slice(0, -1), last.slice(0, -FILE_SUFFIX.length)], text }];
    } catch (error) {
      problems.push({
        severity: 'error',
        path: path.join('.'),
        code: 'config.secret-unreadable',
        message: `${variable}: ${reasonOf(error)}`,
        hint: 'Let the variable name a file that this user may read.',
      });
      return [];
    }
  });
}

/** Writes the overrides into the data, finding each key as the schema spells it; returns them with those paths. */
export function applyOverrides(
  data: Mutable,
  overrides: readonly Override[],
  schema: Readonly<Record<string, unknown>>,
): Override[] {
  return overrides.map(({ variable, path, text }) => {
    const spelled: string[] = [];
    let at: Mutable = data;
    for (const [index, key] of path.entries()) {
      const name = spell(key, [...Object.keys(at), ...knownKeys(schema, data, spelled)]);
      spelled.push(name);
      if (index === path.length - 1) at[name] = scalar(text);
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
  if (typeof next === 'object' && next !== null && !Array.isArray(next)) return next as Mutable;
  const created: Mutable = {};
  at[name] = created;
  return created;
}

function scalar(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return text;
  }
}

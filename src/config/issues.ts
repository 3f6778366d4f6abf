import type * as z from 'zod';
import { nearest, suggest } from '../core/index.ts';
import type { Problem } from './problem.ts';
import { descriptionAt, type JsonSchema, knownKeys, valueAt } from './schema-view.ts';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** A problem, and what has to go for the rest to be looked at. */
export interface Finding {
  readonly problem: Problem;
  readonly path: Path;
}

/** What the schema found: one finding per unknown key, and of a union what the member that came closest says. */
export function toFindings(issues: readonly Issue[], data: unknown, schema: JsonSchema): Finding[] {
  return issues
    .flatMap((issue) => flatten(issue, []))
    .flatMap(({ issue, path }) => findings(issue, path, data, schema));
}

interface Located {
  readonly issue: Issue;
  readonly path: Path;
}

function flatten(issue: Issue, prefix: Path): Located[] {
  const path = [...prefix, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ issue, path }];
  const depth = (members: readonly Issue[]) => Math.max(0, ...members.map((member) => member.path.length));
  const best = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
  // None came closer than the others: the union itself says what it takes.
  if (depth(best) === 0 && best.every(({ code }) => code !== 'unrecognized_keys')) return [{ issue, path }];
  return best.flatMap((member) => flatten(member, path));
}

function findings(issue: Issue, path: Path, data: unknown, schema: JsonSchema): Finding[] {
  if (issue.code !== 'unrecognized_keys') {
    const missing = valueAt(data, path) === undefined;
    return [{ path, problem: (missing ? missingKey : invalidValue)(issue, path, data, schema) }];
  }
  const known = knownKeys(schema, data, path);
  return issue.keys.map((key) => ({ path: [...path, key], problem: unknownKey(key, path, known) }));
}

function unknownKey(key: string, path: Path, known: readonly string[]): Problem {
  return {
    severity: 'error',
    path: [...path, key].join('.'),
    code: 'config.unknown-key',
    message: `unknown key ${key}`,
    hint: suggest(key, known),
  };
}

function missingKey(issue: Issue, path: Path, data: unknown, schema: JsonSchema): Problem {
  return {
    severity: 'error',
    path: path.join('.'),
    code: 'config.missing-key',
    message: issue.code === 'custom' ? issue.message : 'is required and missing',
    hint: `Add ${place(path)}${meaningOf(issue, path, data, schema)}`,
  };
}

function invalidValue(issue: Issue, path: Path, data: unknown, schema: JsonSchema): Problem {
  const value = valueAt(data, path);
  const near = typeof value === 'string' ? nearest(value, optionsOf(issue)) : undefined;
  return {
    severity: 'error',
    path: path.join('.'),
    code: 'config.invalid-value',
    message: messageOf(issue),
    hint: near === undefined ? `Change ${place(path)}${meaningOf(issue, path, data, schema)}` : `Did you mean ${near}?`,
  };
}

function place(path: Path): string {
  return path.join('.') || 'the file';
}

function meaningOf(issue: Issue, path: Path, data: unknown, schema: JsonSchema): string {
  const options = optionsOf(issue);
  if (options.length > 0) return `: one of ${options.join(', ')}.`;
  const description = descriptionAt(schema, data, path);
  return description === undefined ? '.' : `: ${description}`;
}

/** What may stand there, where it is one of a few words. */
function optionsOf(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' && 'options' in issue ? (issue.options ?? []).map(String) : [];
}

/** Says what is wrong without quoting the value: it may be a secret. */
function messageOf(issue: Issue): string {
  if (issue.code === 'invalid_key') return `the name ${issue.issues[0]?.message ?? 'is not allowed'}`;
  const alternatives = issue.code === 'invalid_union' ? issue.errors.flat() : [];
  const options = [...new Set([issue, ...alternatives].flatMap(optionsOf))];
  const others = alternatives.filter((each) => optionsOf(each).length === 0).map(messageOf);
  const either = [...(options.length > 0 ? [`must be one of ${options.join(', ')}`] : []), ...others];
  return either.length > 0 ? either.join(', or ') : issue.message.replace(/^Invalid input: /, '');
}

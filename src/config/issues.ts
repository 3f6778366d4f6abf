import type { z } from 'zod';
import { knownKeys, nearest } from './known-keys.ts';
import type { Problem } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** What the schema found, as problems: one per unknown key, and of a union the member that came closest. */
export function toProblems(
  issues: readonly Issue[],
  data: unknown,
  schema: Readonly<Record<string, unknown>>,
): Problem[] {
  return issues.flatMap((issue) => flatten(issue, [])).flatMap(({ issue, path }) => problem(issue, path, data, schema));
}

interface Located {
  readonly issue: Issue;
  readonly path: readonly PropertyKey[];
}

function flatten(issue: Issue, prefix: readonly PropertyKey[]): Located[] {
  const path = [...prefix, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ issue, path }];
  const depth = (members: readonly Issue[]) => Math.max(0, ...members.map((member) => member.path.length));
  const best = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
  return best.flatMap((member) => flatten(member, path));
}

function problem(
  issue: Issue,
  path: readonly PropertyKey[],
  data: unknown,
  schema: Readonly<Record<string, unknown>>,
): Problem[] {
  const severity = 'error' as const;
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, data, path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return {
        severity,
        path: [...path, key].join('.'),
        code: 'config.unknown-key',
        message: `unknown key ${key}`,
        hint: near === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean ${near}?`,
      };
    });
  }
  const missing = issue.code === 'invalid_type' && valueAt(data, path) === undefined;
  return [
    {
      severity,
      path: path.join('.'),
      code: missing ? 'config.missing-key' : 'config.invalid-value',
      message: missing ? 'is required and missing' : issue.message,
      hint: missing ? `Add ${path.join('.')}.` : hintFor(issue, path),
    },
  ];
}

function hintFor(issue: Issue, path: readonly PropertyKey[]): string {
  if (issue.code === 'invalid_value') return `Use one of ${issue.values.join(', ')}.`;
  if (issue.code === 'invalid_union') return `Use one of the known kinds for ${path.join('.')}.`;
  return `Change ${path.join('.') || 'the file'}; device-config/config.schema.json describes each key.`;
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined),
    data,
  );
}

import type * as z from 'zod';
import { descriptionAt, type JsonSchema, knownKeys, valueAt } from './schema-view.ts';
import { nearest, suggest } from './suggest.ts';
import { locate } from './union-issues.ts';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** One thing that is wrong with a file, and what to do about it. */
export interface Finding {
  readonly kind: 'unknownKey' | 'missingKey' | 'invalidValue';
  /** Where it stands, and what has to be taken out for the rest to be checked. */
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
  /** The known key or value that was probably meant. */
  readonly near?: string | undefined;
}

/**
 * Turns the issues of a schema into findings: one for each unknown key, and for a union what the member that came
 * closest says.
 *
 * @param data what was checked
 * @param schema its JSON Schema, for known keys and descriptions
 */
export function toFindings(issues: readonly Issue[], data: unknown, schema: JsonSchema): Finding[] {
  return locate(issues, data).flatMap(({ issue, path }) => findings(issue, path, data, schema));
}

/** Findings that an error lists; more would hide the first. */
const MAX_LISTED = 5;

/**
 * Makes of all findings what one error says: the reason, the path of the first finding, and what to do about that one.
 */
export function describeIssues(
  issues: readonly Issue[],
  data: unknown,
  schema: JsonSchema,
): { readonly reason: string; readonly path: string; readonly hint: string } {
  const found = withoutSlips(toFindings(issues, data, schema));
  // The hint of the first one is that of the error.
  const listed = found.slice(0, MAX_LISTED).map((finding, index) => (index === 0 ? said(finding) : withHint(finding)));
  return { reason: listed.join('; '), path: found[0]?.path.join('.') ?? '', hint: found[0]?.hint ?? '' };
}

/** Leaves out the keys that are missing only because they are there misspelt. */
function withoutSlips(found: readonly Finding[]): Finding[] {
  const meant = new Set(
    found.flatMap(({ kind, path, near }) =>
      kind === 'unknownKey' && near !== undefined ? [[...path.slice(0, -1), near].join('.')] : [],
    ),
  );
  return found.filter(({ kind, path }) => kind !== 'missingKey' || !meant.has(path.join('.')));
}

/** Says where and what. The message names an unknown key, so that its place is what holds it. */
function said({ kind, path, message }: Finding): string {
  const at = (kind === 'unknownKey' ? path.slice(0, -1) : path).join('.');
  return at === '' ? message : `${at}: ${message}`;
}

function withHint(finding: Finding): string {
  return finding.near === undefined ? said(finding) : `${said(finding)} (did you mean ${finding.near}?)`;
}

function findings(issue: Issue, path: Path, data: unknown, schema: JsonSchema): Finding[] {
  if (issue.code !== 'unrecognized_keys') {
    const missing = valueAt(data, path) === undefined;
    return [(missing ? missingKey : invalidValue)(issue, path, data, schema)];
  }
  const known = knownKeys(schema, data, path);
  return issue.keys.map((key) => unknownKey(key, path, known));
}

function unknownKey(key: string, path: Path, known: readonly string[]): Finding {
  const found = { kind: 'unknownKey', path: [...path, key] } as const;
  // Another member of the union has the key.
  if (known.includes(key)) {
    return { ...found, message: `${key} does not go with the keys beside it`, hint: `Remove ${key}, or them.` };
  }
  return { ...found, message: `unknown key ${key}`, hint: suggest(key, known), near: nearest(key, known) };
}

function missingKey(issue: Issue, path: Path, data: unknown, schema: JsonSchema): Finding {
  return {
    kind: 'missingKey',
    path,
    message: issue.code === 'custom' ? issue.message : 'is required and missing',
    hint: `Add ${place(path)}${meaningOf(issue, path, data, schema)}`,
  };
}

function invalidValue(issue: Issue, path: Path, data: unknown, schema: JsonSchema): Finding {
  const value = valueAt(data, path);
  const near = typeof value === 'string' ? nearest(value, optionsOf(issue)) : undefined;
  return {
    kind: 'invalidValue',
    path,
    message: messageOf(issue),
    hint: near === undefined ? `Change ${place(path)}${meaningOf(issue, path, data, schema)}` : `Did you mean ${near}?`,
    near,
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

/** The words of which one may stand there; none where it is not one of a few. */
function optionsOf(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' && 'options' in issue ? (issue.options ?? []).map(String) : [];
}

/** Says what is wrong, and does not quote the value: it may be a secret. */
function messageOf(issue: Issue): string {
  if (issue.code === 'invalid_key') return `the name ${issue.issues[0]?.message ?? 'is not allowed'}`;
  const members = issue.code === 'invalid_union' ? issue.errors : [];
  const options = [...new Set([issue, ...members.flat()].flatMap(optionsOf))];
  const others = members.map((member) => wantOf(member.filter((each) => optionsOf(each).length === 0)));
  const either = [...(options.length > 0 ? [`must be one of ${options.join(', ')}`] : []), ...new Set(others)];
  return either.filter((text) => text !== '').join(', or ') || issue.message.replace(/^Invalid input: /, '');
}

/** Says what one member of a union wants. */
function wantOf(issues: readonly Issue[]): string {
  const keys = issues.filter(({ path }) => path.length === 1).map(({ path }) => String(path[0]));
  return keys.length > 0 ? `needs ${keys.join(' and ')}` : issues.map(messageOf).join(' and ');
}

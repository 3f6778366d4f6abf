import type * as z from 'zod';
import { asMap, isMap, valueAt } from './schema-view.ts';
import { edits } from './suggest.ts';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Codes of issues that say of a member: the data have another form altogether. */
const FORM: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value', 'invalid_union']);

/** An issue, and where it is in the whole data. */
export interface Located {
  readonly issue: Issue;
  readonly path: Path;
}

/**
 * Finds the place of each issue of a schema. An issue about a union gives way to those of the member that comes closest
 * to the data, if one does.
 */
export function locate(issues: readonly Issue[], data: unknown, prefix: Path = []): Located[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ issue, path }];
    const best = bestOf(issue.errors, valueAt(data, path));
    return best === undefined ? [{ issue, path }] : locate(best, data, path);
  });
}

function bestOf(members: readonly (readonly Issue[])[], data: unknown): readonly Issue[] | undefined {
  const ranked = members
    .map((issues) => ({ issues, misfit: misfit(issues, data), depth: Math.max(...issues.map(depthOf)) }))
    .sort((a, b) => a.misfit - b.misfit || b.depth - a.depth || a.issues.length - b.issues.length);
  const [first, second] = ranked;
  if (first === undefined || first.misfit === Infinity || isEmpty(data)) return undefined;
  // Where nothing speaks for one of them, the issue of the union itself says what it takes.
  const clear = first.misfit !== second?.misfit || first.depth !== second.depth || knowsSome(first.issues, data);
  return clear ? first.issues : undefined;
}

function depthOf(issue: Issue): number {
  return issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0);
}

/**
 * How little of the data is what a member of a union asks for: its keys that are missing or wrong and those it does not
 * know. A slip of the pen is both, and counts once; what is wrong further inside shows that the key was the right one.
 */
function misfit(issues: readonly Issue[], data: unknown): number {
  const absent = issues.flatMap(({ path }) =>
    path.length === 1 && valueAt(data, path) === undefined ? [String(path[0])] : [],
  );
  return issues.reduce((sum, issue) => sum + costOf(issue, absent), 0);
}

function costOf(issue: Issue, absent: readonly string[]): number {
  if (issue.path.length > 1 || issue.code === 'custom') return 0;
  if (issue.path.length === 1) return issue.code === 'unrecognized_keys' || issue.code === 'invalid_union' ? 0 : 1;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.filter((key) => !absent.some((wanted) => isSlip(key, wanted))).length;
  }
  return FORM.has(issue.code) ? Infinity : 0;
}

function isSlip(key: string, wanted: string): boolean {
  return edits(key.toLowerCase(), wanted.toLowerCase()) <= 2;
}

function isEmpty(data: unknown): boolean {
  return isMap(data) && Object.keys(data).length === 0;
}

function knowsSome(issues: readonly Issue[], data: unknown): boolean {
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
  return Object.keys(asMap(data)).length > unknown.length;
}

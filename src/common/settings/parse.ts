import type * as z from 'zod';
import { type Finding, type JsonSchema, toFindings, valueAt } from '../core/index.ts';
import type { Problem } from './problem.ts';

type Path = readonly PropertyKey[];
type Raw = Record<string, unknown>;

interface Rules<Data> {
  readonly schema: z.ZodType<Data>;
  /**
   * Values for required top-level keys that are missing or wrong, so that these do not hide what is wrong elsewhere.
   */
  readonly standIns: Readonly<Raw>;
}

/** What came of holding data against a schema. */
export interface Parsed<Data> {
  /** The data as the schema gives them, with defaults; where there are problems, what of them is good. */
  readonly data: Data | undefined;
  readonly problems: readonly Problem[];
}

/** Each round finds what the problems of the round before hid; data that need more rounds have nothing good in them. */
const MAX_ROUNDS = 32;

/**
 * Holds the data against the schema and finds every problem. A schema looks at a whole only when its parts are good, so
 * what is bad is taken out and the rest is checked again.
 */
export function parseWhole<Data>(
  raw: Raw,
  { schema, standIns }: Rules<Data>,
  jsonSchema: () => JsonSchema,
): Parsed<Data> {
  const rest = structuredClone(raw);
  const problems: Problem[] = [];
  const removed: Path[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return { data: parsed.data, problems };
    const found = toFindings(parsed.error.issues, rest, jsonSchema());
    const fresh = found.filter(({ path }) => !removed.some((gone) => related(gone, path)));
    problems.push(...fresh.map(toProblem));
    const gone: Path[] = [];
    for (const { path, kind } of found) {
      if (gone.some((whole) => whole.length < path.length && related(whole, path))) continue;
      gone.push(remove(rest, path, standIns));
      // Taking out an unknown key makes nothing wrong that was right with it.
      if (kind !== 'unknownKey') removed.push(...gone.slice(-1));
    }
  }
  return { data: undefined, problems };
}

function toProblem({ kind, path, message, hint }: Finding): Problem {
  return {
    severity: 'error',
    path: path.join('.'),
    code: {
      unknownKey: 'config.unknown-key',
      missingKey: 'config.missing-key',
      invalidValue: 'config.invalid-value',
    }[kind],
    message,
    hint,
  };
}

/** Whether one path lies on the other: a problem there may only be because something was taken out. */
function related(a: Path, b: Path): boolean {
  const shorter = Math.min(a.length, b.length);
  return a.slice(0, shorter).join('.') === b.slice(0, shorter).join('.');
}

/** Takes out what stands at a path, or what should hold it, and returns the path of what is gone. */
function remove(data: Raw, path: Path, standIns: Readonly<Raw>): Path {
  const [top = '', ...below] = path;
  if (below.length === 0) {
    delete data[String(top)];
    if (Object.hasOwn(standIns, top)) data[String(top)] = standIns[String(top)];
    return path;
  }
  const parent = valueAt(data, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  if (typeof parent !== 'object' || parent === null || Array.isArray(parent) || !Object.hasOwn(parent, key)) {
    return remove(data, path.slice(0, -1), standIns);
  }
  Reflect.deleteProperty(parent, key);
  return path;
}

import { type Finding, type JsonSchema, toFindings, valueAt } from '../../common/core/index.ts';
import type { Problem } from './problem.ts';
import { type ConfigData, configSchema } from './schema.ts';

type Path = readonly PropertyKey[];
type Data = Record<string, unknown>;

export interface Parsed {
  /** The configuration; where there are problems, what of it is good. */
  readonly data: ConfigData | undefined;
  readonly problems: readonly Problem[];
}

/** What one round cannot see because of the problems of the round before; more than a few mean that nothing is good. */
const MAX_ROUNDS = 32;
/** So that a missing name does not hide what is wrong below. */
const STAND_INS: Readonly<Data> = { site: 'site', device: 'device', sources: {}, pipelines: {} };

/**
 * Holds the data against the schema and finds every problem: a schema looks at a whole only when its parts are good,
 * so what is bad is taken out and the rest is looked at again.
 */
export function parseWhole(raw: Data, schema: () => JsonSchema): Parsed {
  const rest = structuredClone(raw);
  const problems: Problem[] = [];
  const removed: Path[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const parsed = configSchema.safeParse(rest);
    if (parsed.success) return { data: parsed.data, problems };
    const found = toFindings(parsed.error.issues, rest, schema());
    const fresh = found.filter(({ path }) => !removed.some((gone) => related(gone, path)));
    problems.push(...fresh.map(toProblem));
    const gone: Path[] = [];
    for (const { path, kind } of found) {
      if (gone.some((whole) => whole.length < path.length && related(whole, path))) continue;
      gone.push(remove(rest, path));
      // Without an unknown key nothing else can be wrong that was right with it.
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

/** Whether one path lies on the other: what is said there may only be because something is gone. */
function related(a: Path, b: Path): boolean {
  const shorter = Math.min(a.length, b.length);
  return a.slice(0, shorter).join('.') === b.slice(0, shorter).join('.');
}

/** Takes out what stands at a path, or what should hold it; returns the path of what is gone. */
function remove(data: Data, path: Path): Path {
  const [top = '', ...below] = path;
  if (below.length === 0) {
    delete data[String(top)];
    if (Object.hasOwn(STAND_INS, top)) data[String(top)] = STAND_INS[String(top)];
    return path;
  }
  const parent = valueAt(data, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  if (typeof parent !== 'object' || parent === null || Array.isArray(parent) || !Object.hasOwn(parent, key)) {
    return remove(data, path.slice(0, -1));
  }
  Reflect.deleteProperty(parent, key);
  return path;
}

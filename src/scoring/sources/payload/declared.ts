import { BROKEN } from './broken.ts';
import {
  compilePath,
  EACH,
  type Found,
  type Getter,
  gather,
  goesBelow,
  type Path,
  type PayloadPaths,
  parsePath,
  starsOf,
  visit,
} from './path.ts';
import { put, textOfName } from './values.ts';

/** The values of a reading by tag, where they are an object, and what is wrong with them. */
interface Gathered {
  readonly values: unknown;
  readonly problems?: readonly string[];
}

/** Finders of the parts of a payload. */
export interface CompiledPaths {
  /** Finds the readings in a message. */
  readonly readings: (message: unknown) => Iterable<Found>;
  /** Whether an array is a message, and not each of its elements one. */
  readonly takesArrays: boolean;
  readonly asset: Getter;
  readonly t: Getter;
  readonly values: (found: Found) => Gathered;
  /** The name and the value of a reading with one value; undefined where readings have several. */
  readonly single: { readonly tag: Getter; readonly value: Getter } | undefined;
}

/** Compiles declared paths that have no problem; the plain form's stand for those that are absent. */
export function compilePaths(paths: PayloadPaths): CompiledPaths {
  const { readings, value } = paths;
  const [asset, t, tag] = [paths.asset ?? 'asset', paths.t ?? 't', paths.tag ?? 'tag'].map(parsePath) as [
    Path,
    Path,
    Path,
  ];
  const values = parsePath(paths.values ?? 'values');
  const root = readings === undefined ? undefined : parsePath(readings);
  const named = new Set(
    [asset, t, tag].flatMap(({ from, segments }) => (from === 'reading' ? segments.slice(0, 1) : [])),
  );
  // Where the reading itself is the object of values, what names asset and time is none.
  const without = new Set([...named].filter((name) => typeof name === 'string'));
  return {
    readings: root === undefined ? itself : (message) => readingsAt(root, message),
    takesArrays: root !== undefined && (root.segments[0] === EACH || /^\d+$/.test(String(root.segments[0] ?? ''))),
    asset: compilePath(asset),
    t: compilePath(t),
    values: valuesOf(values, starsOf(tag) > 0 ? tag : undefined, without),
    single: value === undefined ? undefined : { tag: compilePath(tag), value: compilePath(parsePath(value)) },
  };
}

function itself(message: unknown): Iterable<Found> {
  return [{ item: message, message, names: [] }];
}

function readingsAt(path: Path, message: unknown): Found[] {
  const all: Found[] = [];
  visit(path, { item: message, message, names: [] }, (value, names) => {
    for (const item of Array.isArray(value) ? value : [value]) all.push({ item, message, names });
  });
  return all;
}

function valuesOf(path: Path, tag: Path | undefined, without: ReadonlySet<string>): CompiledPaths['values'] {
  if (tag !== undefined) return (found) => pairs(path, tag, found);
  if (starsOf(path) > 0 || goesBelow(path)) return (found) => ({ values: gather(path, found, without) });
  const find = compilePath(path);
  if (path.from !== 'reading' || path.segments.length > 0) return (found) => ({ values: find(found) });
  return ({ item }) => ({
    values: Object.fromEntries(Object.entries(item ?? {}).filter(([key]) => !without.has(key))),
  });
}

/** Joins names and values that stand in the same order. */
function pairs(path: Path, tag: Path, found: Found): Gathered {
  const names: unknown[] = [];
  const given: unknown[] = [];
  visit(tag, found, (name) => names.push(name));
  visit(path, found, (value) => given.push(value));
  if (names.length !== given.length) {
    return { values: undefined, problems: [`${names.length} names for ${given.length} values`] };
  }
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [index, raw] of names.entries()) {
    const name = textOfName(raw);
    if (typeof name !== 'string' || name === '') problems.push(`no name of value ${index}`);
    else if (Object.hasOwn(values, name)) {
      // Which of the two holds nobody can tell.
      problems.push(`two values of ${name}`);
      put(values, name, BROKEN);
    } else put(values, name, given[index]);
  }
  return { values, problems };
}

/** What cannot work in declared paths: the key, and why. */
export function pathsProblems(paths: PayloadPaths): { readonly key: keyof PayloadPaths; readonly message: string }[] {
  const parsed = Object.entries(paths).flatMap(([key, text]) =>
    text === undefined ? [] : [{ key: key as keyof PayloadPaths, text, path: parsePath(text) }],
  );
  const of = (wanted: keyof PayloadPaths) => parsed.find(({ key }) => key === wanted)?.path;
  const stars = (key: keyof PayloadPaths) => starsOf(of(key) ?? { from: 'reading', segments: [] });
  const problems = parsed.flatMap(({ key, text, path }) => {
    const message = pathProblem(key, text, path, stars('readings'));
    return message === undefined ? [] : [{ key, message }];
  });
  const add = (key: keyof PayloadPaths, message: string) => void problems.push({ key, message });
  if (paths.value !== undefined && paths.values !== undefined) add('value', 'a reading has either value or values');
  if (stars('tag') > 0 && (stars('tag') > 1 || stars('values') !== 1))
    add('tag', 'names with a * belong to values with one * (tag: list.*.name, values: list.*.value)');
  if (paths.tag !== undefined && stars('tag') === 0 && paths.value === undefined)
    add('tag', 'a tag names the one value of a reading, whose path is the key value');
  return problems;
}

function pathProblem(key: keyof PayloadPaths, text: string, path: Path, names: number): string | undefined {
  const { from, segments } = path;
  const below = segments.findIndex((one) => typeof one === 'symbol' && one !== EACH);
  if (below >= 0 && (key !== 'values' || below < segments.length - 1))
    return `"${text}": ** stands at the end of values alone`;
  if (starsOf(path) > 0 && key !== 'readings' && key !== 'values' && key !== 'tag')
    return `"${text}": there is one ${key}; a * belongs to readings, values or tag`;
  if (key === 'readings')
    return from === 'reading' || from === 'message' ? undefined : `"${text}": readings come first`;
  if (typeof from === 'number' && from >= names)
    return `"${text}": readings has ${names === 0 ? 'no *' : `${names} *`} whose name that could be`;
  return typeof from === 'number' && key === 'values' ? `"${text}": a name is no object of values` : undefined;
}

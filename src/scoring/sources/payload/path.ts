import type { PayloadPaths } from './schema.ts';

/** Finds a value inside parsed JSON; undefined where nothing stands. */
export type Getter = (root: unknown) => unknown;

/** Splits a path: `a.b.0` or `/a/b/0` (RFC 6901, with ~0 and ~1); `.` is the root itself. */
export function pathSegments(path: string): readonly string[] {
  if (path === '.' || path === '') return [];
  if (!path.startsWith('/')) return path.split('.');
  return path
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Makes what finds the value at a path; own properties alone count. */
export function compilePath(path: string): Getter {
  const segments = pathSegments(path);
  return (root) => {
    let value = root;
    for (const segment of segments) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined;
      value = (value as Record<string, unknown>)[segment];
    }
    return value;
  };
}

/** Finders of the parts of a payload. */
export interface CompiledPaths {
  readonly readings: Getter | undefined;
  readonly asset: Getter;
  readonly t: Getter;
  readonly values: Getter;
  /** Keys left out where the reading itself is the object of values. */
  readonly flat: ReadonlySet<string> | undefined;
  readonly tag: Getter;
  readonly value: Getter | undefined;
}

/** Compiles the declared paths; the plain form's stand for those that are absent. */
export function compilePaths(paths: PayloadPaths): CompiledPaths {
  const named = [paths.asset ?? 'asset', paths.t ?? 't', paths.tag ?? 'tag'];
  return {
    readings: paths.readings === undefined ? undefined : compilePath(paths.readings),
    asset: compilePath(paths.asset ?? 'asset'),
    t: compilePath(paths.t ?? 't'),
    values: compilePath(paths.values ?? 'values'),
    flat: paths.values === '.' ? new Set(named.map((path) => pathSegments(path)[0] ?? '')) : undefined,
    tag: compilePath(paths.tag ?? 'tag'),
    value: paths.value === undefined ? undefined : compilePath(paths.value),
  };
}

/** Finds a value inside parsed JSON; undefined where nothing stands. */
export type Getter = (root: unknown) => unknown;

/** `a.b.0` or `/a/b/0` (RFC 6901, with ~0 and ~1); `.` is the root itself. */
export function pathSegments(path: string): readonly string[] {
  if (path === '.' || path === '') return [];
  if (!path.startsWith('/')) return path.split('.');
  return path
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

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

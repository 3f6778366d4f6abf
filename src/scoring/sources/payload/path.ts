import { BROKEN } from './broken.ts';
import { put } from './values.ts';

/** Levels of nested data that a path with `**` goes down. */
const MAX_LEVELS = 16;

/** `*` in a path: each member of an object, or element of an array. */
export const EACH = Symbol('*');
/** `**` at the end of a path: each value below, however deep. */
export const BELOW = Symbol('**');

type Segment = string | typeof EACH | typeof BELOW;

/** Where things stand in payloads that are not in the plain form. */
export interface PayloadPaths {
  readonly readings?: string | undefined;
  readonly asset?: string | undefined;
  readonly t?: string | undefined;
  readonly values?: string | undefined;
  readonly tag?: string | undefined;
  readonly value?: string | undefined;
}

/** A path that was split. */
export interface Path {
  /** Where it begins: at the reading, at the message around it, or at the name of the nth `*` of `readings` (from 0). */
  readonly from: 'reading' | 'message' | number;
  readonly segments: readonly Segment[];
}

/** A reading as it was found in its message. */
export interface Found {
  readonly item: unknown;
  readonly message: unknown;
  /** The names at each `*` on the way to it. */
  readonly names: readonly string[];
}

/** Finds a value for a reading; undefined where nothing stands. */
export type Getter = (found: Found) => unknown;

/**
 * Splits a path: `a.b.0`, with `*` for each member; `/a/b/0` (RFC 6901, with ~0 and ~1) for names with a dot or a star in
 * them; `.` is the reading itself, `$.a` stands in the message around it, `$1` is the name at the first `*` of `readings`.
 */
export function parsePath(path: string): Path {
  if (path === '.' || path === '') return { from: 'reading', segments: [] };
  if (path.startsWith('/')) {
    const segments = path.slice(1).split('/');
    return { from: 'reading', segments: segments.map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~')) };
  }
  const [first = '', ...others] = path.split('.');
  const rest = others.map(segment);
  if (first === '$') return { from: 'message', segments: rest };
  const number = /^\$([1-9])$/.exec(first)?.[1];
  if (number !== undefined && rest.length === 0) return { from: Number(number) - 1, segments: [] };
  return { from: 'reading', segments: [segment(first), ...rest] };
}

function segment(text: string): Segment {
  return text === '*' ? EACH : text === '**' ? BELOW : text;
}

/** How many `*` a path has. */
export function starsOf({ segments }: Path): number {
  return segments.filter((one) => one === EACH).length;
}

/** Whether a path goes down as deep as there is anything. */
export function goesBelow({ segments }: Path): boolean {
  return segments.includes(BELOW);
}

/** Makes what finds the one value at a path without stars; own properties alone count. */
export function compilePath({ from, segments }: Path): Getter {
  return (found) => {
    let value = startOf(from, found);
    for (const name of segments) value = memberOf(value, name);
    return value;
  };
}

function startOf(from: Path['from'], { item, message, names }: Found): unknown {
  return from === 'reading' ? item : from === 'message' ? message : names[from];
}

function memberOf(value: unknown, name: Segment): unknown {
  if (typeof value !== 'object' || value === null || typeof name !== 'string' || !Object.hasOwn(value, name))
    return undefined;
  return (value as Record<string, unknown>)[name];
}

/**
 * Goes to each value at a path, in order, with the names at its stars. Where something else stands than members are of, it
 * comes to undefined.
 */
export function visit(
  { from, segments }: Path,
  found: Found,
  take: (value: unknown, names: readonly string[]) => void,
  without: ReadonlySet<string> = new Set(),
): void {
  const walk = (value: unknown, index: number, names: readonly string[]): void => {
    const name = segments[index];
    if (name === undefined) take(value, names);
    else if (typeof name === 'string') walk(memberOf(value, name), index + 1, names);
    else if (typeof value !== 'object' || value === null) take(undefined, names);
    else {
      for (const [key, member] of Object.entries(value)) {
        if (index === 0 && without.has(key)) continue;
        if (name === EACH) walk(member, index + 1, [...names, key]);
        else below(member, [...names, key]);
      }
    }
  };
  const below = (value: unknown, names: readonly string[]): void => {
    const isInner = typeof value === 'object' && value !== null && value !== BROKEN && names.length < MAX_LEVELS;
    if (!isInner) take(value, names);
    else for (const [key, member] of Object.entries(value)) below(member, [...names, key]);
  };
  walk(startOf(from, found), 0, []);
}

/** Gathers the values at a path with stars, by the names there, joined with dots. */
export function gather(path: Path, found: Found, without: ReadonlySet<string>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const keep = (value: unknown, names: readonly string[]) => {
    if (names.length > 0) put(values, names.join('.'), value);
  };
  visit(path, found, keep, without);
  return values;
}

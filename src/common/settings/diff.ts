import type * as z from 'zod';
import { isMap, type JsonSchema, jsonSchemaOf, metadataAt } from '../core/index.ts';

/**
 * How far a program has to be taken apart for a changed key to act, least first: not at all, one source or one pipeline
 * built anew, or all of it started again. A schema says it with `.meta({ applies: 'live' })` for a key and all below it; a key
 * further down may say otherwise.
 */
export const APPLIES = ['live', 'source', 'pipeline', 'restart'] as const;
/** See `APPLIES`. */
export type Applies = (typeof APPLIES)[number];

declare module 'zod' {
  interface GlobalMeta {
    readonly applies?: Applies;
  }
}

/** One value that differs between two configurations. It says where, never what: the value may be a secret. */
export interface SettingsChange {
  /** Dotted. */
  readonly path: string;
  readonly applies: Applies;
  readonly kind: 'added' | 'removed' | 'changed';
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

/**
 * Tells which values differ, in the order of their paths. A list is one value.
 *
 * @param schema of both configurations; what it says nothing of applies at a restart
 */
export function diffSettings(before: object, after: object, schema: z.ZodType): SettingsChange[] {
  const [old, now] = [leavesByPath(before), leavesByPath(after)];
  const jsonSchema = jsonSchemaOf(schema);
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    const leaf = is ?? was;
    if (leaf === undefined || (was && is && same(was.value, is.value))) return [];
    const kind = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
    return [{ path, applies: appliesAt(jsonSchema, is ? after : before, leaf.path), kind }];
  });
}

/**
 * Walks the single values of a configuration, from the top down. A list and an empty map are values, undefined is none.
 */
export function* leavesOf(value: unknown, path: readonly string[] = []): Generator<Leaf> {
  if (!isMap(value) || Object.keys(value).length === 0) {
    if (value !== undefined) yield { path, value };
    return;
  }
  for (const [key, child] of Object.entries(value)) yield* leavesOf(child, [...path, key]);
}

function leavesByPath(data: object): Map<string, Leaf> {
  return new Map(Array.from(leavesOf(data), (leaf) => [leaf.path.join('.'), leaf]));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The class of a key is its own, or else that of the nearest key above it. */
function appliesAt(schema: JsonSchema, data: unknown, path: readonly string[]): Applies {
  for (let length = path.length; length > 0; length -= 1) {
    const found = metadataAt(schema, data, path.slice(0, length), 'applies');
    const known = APPLIES.find((each) => each === found);
    if (known !== undefined) return known;
  }
  return 'restart';
}

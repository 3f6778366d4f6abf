import * as z from 'zod';
import { asMap, beyondBounds, type EdgewrightError, jsonSchemaOf } from '../core/index.ts';

/** Objects and lists within one another in anything that is signed. */
const MAX_DEPTH = 32;

/** Makes the error for what cannot be read, from a reason in words. */
export type Reject = (reason: string) => EdgewrightError;

/**
 * Reads JSON in UTF-8 of at most so many bytes; nothing is made of what is longer, or deeper than 32 levels. Throws what
 * `reject` makes.
 */
export function readBounded(bytes: Uint8Array, most: number, reject: Reject): unknown {
  if (bytes.length > most) throw reject(`has ${bytes.length} bytes, at most ${most} are allowed`);
  const beyond = beyondBounds(bytes, { depth: MAX_DEPTH });
  if (beyond !== undefined) throw reject(`is ${beyond}`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw reject('is no JSON in UTF-8');
  }
}

/** The first issue of a check in words, with its dotted path; short and printable, since it may quote an attacker. */
export function issueIn(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  const [issue] = issues;
  if (issue === undefined) return 'is not as it has to be';
  return reasonIn([...issue.path.map(String), issue.message].join(': '));
}

/** Characters of a reason that quotes what somebody sent. */
const MAX_REASON = 300;

function reasonIn(text: string): string {
  return text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}…` : text;
}

/** A time in a signed object: RFC 3339 in UTC. */
export const instant = z.iso.datetime('is no time in UTC such as 2027-01-31T12:00:00Z');

/** Names of fields that whoever reads a signed object has to know; any other field that he does not know he ignores. */
export const crit = z.array(z.string().max(64)).max(32).optional();

/** The greatest version, counter and release: above it numbers of JSON are not exact. */
export const MAX_COUNTER = Number.MAX_SAFE_INTEGER;

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'is no hex SHA-256 digest');
export const keyId = z.string().regex(/^[0-9a-f]{64}$/, 'is no ID of a key: hex SHA-256 of its SPKI');

/** Names of all fields that a kind of signed object has, at whatever place. */
export type FieldNames = ReadonlySet<string>;

export function fieldNamesIn(schema: z.ZodType): FieldNames {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const name of Object.keys(asMap(asMap(node)['properties']))) names.add(name);
    for (const child of Object.values(node)) visit(child);
  };
  visit(jsonSchemaOf(schema));
  return names;
}

/** The first name in `crit` that is not known; undefined where all are. */
export function unknownCritical(names: readonly string[] | undefined, known: FieldNames): string | undefined {
  return names?.find((name) => !known.has(name));
}

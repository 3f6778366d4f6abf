import type * as z from 'zod';
import { beyondBounds, type EdgewrightError, type JsonBounds } from '../core/index.ts';

/** Makes the error that a decoder throws, from a reason in words. */
export type Reject = (reason: string, cause?: unknown) => EdgewrightError;

/** The first issue of a check in words, with its dotted path below `what`. */
export function issueOf(what: string, error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? what : `${[what, ...issue.path.map(String)].join('.')}: ${issue.message}`;
}

/** Objects and lists within one another in any message: whoever writes it on again does so by recursion. */
const MAX_DEPTH = 64;
/** The bounds of a message that is short by itself. */
export const SHORT_BOUNDS: JsonBounds = { depth: MAX_DEPTH };

/** Reads JSON in UTF-8 that is within its bounds, before which nothing is made of it. Throws what `reject` makes. */
export function readJson(bytes: Uint8Array, what: string, reject: Reject, bounds = SHORT_BOUNDS): unknown {
  const beyond = beyondBounds(bytes, bounds);
  if (beyond !== undefined) throw reject(`${what}: ${beyond}`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw reject(`${what}: no JSON in UTF-8`, error);
  }
}

/**
 * Checks a value against a schema that changes nothing. Returns the value itself and not zod's copy, which leaves out
 * what the schema does not name. Throws what `reject` makes.
 */
export function checked<S extends z.ZodType>(value: unknown, schema: S, what: string, reject: Reject): z.output<S> {
  const result = schema.safeParse(value);
  if (!result.success) throw reject(issueOf(what, result.error), result.error);
  return value as z.output<S>;
}

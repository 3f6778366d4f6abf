import type * as z from 'zod';
import type { EdgewrightError } from '../core/index.ts';

/** Makes the error that a decoder throws, from a reason in words. */
export type Reject = (reason: string, cause?: unknown) => EdgewrightError;

/** The first issue of a check in words, with its dotted path below `what`. */
export function issueOf(what: string, error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? what : `${[what, ...issue.path.map(String)].join('.')}: ${issue.message}`;
}

/** Reads JSON in UTF-8 and checks it. Throws what `reject` makes. */
export function parseJson<S extends z.ZodType>(
  bytes: Uint8Array,
  schema: S,
  what: string,
  reject: Reject,
): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw reject(`${what}: no JSON in UTF-8`, error);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw reject(issueOf(what, result.error), result.error);
  return result.data;
}

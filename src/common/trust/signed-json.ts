import { beyondBounds, type EdgewrightError } from '../core/index.ts';

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

import { distance } from 'fastest-levenshtein';

/** Names that a hint lists. */
const MAX_NAMES = 40;

/** The nearest of the known names, undefined where none is near. Of equally near ones, one as long as the name. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const [best] = known
    .map((key) => ({ key, edits: edits(wanted, key.toLowerCase()), longer: Math.abs(key.length - name.length) }))
    .sort((a, b) => a.edits - b.edits || a.longer - b.longer);
  return best !== undefined && best.edits <= Math.max(2, name.length / 2) ? best.key : undefined;
}

/** Length of a name from which on two letters may be wrong: `note` is not `name` misspelt. */
const LONG = 6;

/**
 * The known name that this one is but for a slip or two. It is stricter than `nearest`, for places where other names
 * are allowed.
 */
export function slipOf(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known);
  return near !== undefined && edits(name, near) <= (near.length < LONG ? 1 : 2) ? near : undefined;
}

/**
 * Number of letters added, left out or changed. Two neighbours that changed places are one slip, as fingers make it.
 */
export function edits(a: string, b: string): number {
  return isSwap(a, b) ? 1 : distance(a, b);
}

function isSwap(a: string, b: string): boolean {
  const at = [...a].findIndex((letter, index) => letter !== b[index]);
  if (at < 0 || at + 1 >= a.length) return false;
  return b === `${a.slice(0, at)}${a[at + 1]}${a[at]}${a.slice(at + 2)}`;
}

/** A hint for an unknown name: the nearest known one, or all of them. */
export function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `Did you mean ${near}?`;
  return known.length === 0
    ? 'Nothing is known here; remove it.'
    : `Known here: ${known.slice(0, MAX_NAMES).join(', ')}.`;
}

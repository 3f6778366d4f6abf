import { closest, distance } from 'fastest-levenshtein';

/** Names that a hint lists. */
const MAX_NAMES = 40;

/** The nearest of the known names, unless none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const best =
    known.length === 0
      ? ''
      : closest(
          wanted,
          known.map((key) => key.toLowerCase()),
        );
  const near = distance(wanted, best) <= Math.max(2, name.length / 2);
  return near ? known.find((key) => key.toLowerCase() === best) : undefined;
}

/** What to do about an unknown name: the nearest known one, or all of them. */
export function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `Did you mean ${near}?`;
  return known.length === 0
    ? 'Nothing is known here; remove it.'
    : `Known here: ${known.slice(0, MAX_NAMES).join(', ')}.`;
}

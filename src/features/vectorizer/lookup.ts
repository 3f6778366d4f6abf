import { distance } from 'fastest-levenshtein';

const MAX_SUGGESTIONS = 3;

/** The known names that a misspelt one may stand for, nearest first, as a sentence; all names where none is near. */
export function suggest(name: string, known: readonly string[]): string {
  const near = known
    .map((candidate) => ({ candidate, steps: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, steps }) => steps <= Math.max(2, candidate.length / 2))
    .sort((a, b) => a.steps - b.steps)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate);
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known are ${known.join(', ')}.`;
}

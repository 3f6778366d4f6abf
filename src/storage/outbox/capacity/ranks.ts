const ORDINARY = 0;

/** Order in which pipelines give way, from rank 0 on. */
export interface Ranks {
  readonly count: number;
  of(pipeline: string): number;
}

/**
 * Ranks pipelines by priority, lowest first. One that is not named, say of an earlier configuration, has priority 0.
 */
export function ranksOf(priorities: Readonly<Record<string, number>>): Ranks {
  const named = new Map(Object.entries(priorities));
  const different = [...new Set([...named.values(), ORDINARY])].sort((a, b) => a - b);
  return {
    count: different.length,
    of: (pipeline) => different.indexOf(named.get(pipeline) ?? ORDINARY),
  };
}

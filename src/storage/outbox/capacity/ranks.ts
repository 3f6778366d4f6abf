const ORDINARY = 0;

/** The order in which pipelines give way, from 0 on. */
export interface Ranks {
  readonly count: number;
  of(pipeline: string): number;
}

/** By priority, lowest first; a pipeline that is not named, say of an earlier configuration, has the ordinary one. */
export function ranksOf(priorities: Readonly<Record<string, number>>): Ranks {
  const named = new Map(Object.entries(priorities));
  const different = [...new Set([...named.values(), ORDINARY])].sort((a, b) => a - b);
  return {
    count: different.length,
    of: (pipeline) => different.indexOf(named.get(pipeline) ?? ORDINARY),
  };
}
